import * as z from "zod/mini";
import { SEVERITIES } from "../drift/drift.ts";
import {
  countField,
  timeField,
  traceIdsField,
} from "../query/answer_fields.ts";
import { nsOfMs, timeText } from "../query/figures.ts";
import {
  type Anomaly,
  ANOMALY_ENDS,
  ANOMALY_METRICS,
  BASELINE_SOURCES,
} from "./anomaly.ts";
import type { StoredAnomaly } from "./anomaly_store.ts";

/** Latency in ns, errors as a ratio from 0 to 1, requests a second. */
const figureField = z.number().check(z.minimum(0));

/** Something that was not as it had been, for minutes. */
export const anomalyAnswerSchema = z.strictObject({
  id: z.string(),
  service: z.string().check(
    z.describe("The service that it is in; of an edge, the caller."),
  ),
  edge: z.nullable(z.strictObject({
    from: z.string(),
    to: z.string(),
    connection_type: z.string(),
  })).check(z.describe("null: in what the service serves.")),
  metric: z.literal(ANOMALY_METRICS),
  severity: z.literal(SEVERITIES),
  state: z.literal(["open", "ended"]),
  started_at: timeField,
  raised_at: z.nullable(timeField).check(
    z.describe("null: recorded and not raised."),
  ),
  ended_at: z.nullable(timeField).check(z.describe("null: it lasts.")),
  end_reason: z.nullable(z.literal(ANOMALY_ENDS)),
  baseline: figureField,
  baseline_source: z.literal(BASELINE_SOURCES),
  observed: figureField,
  evidence: z.array(z.strictObject({
    minute: timeField,
    value: figureField,
    baseline: figureField,
  })).check(z.describe("Its first minutes.")),
  sample_traces: traceIdsField,
  candidates: z.nullable(z.array(z.strictObject({
    drift_event: z.string(),
    score: z.number(),
    rank: z.int(),
    path: z.array(z.string()),
    lag: z.int().check(
      z.describe("From the drift to the anomaly's start, ns."),
    ),
    reasons: z.array(z.string()),
  }))).check(
    z.describe(
      "Drift events that may be behind it, the best first; null: not known yet.",
    ),
  ),
}).register(z.globalRegistry, { id: "Anomaly" });

/** An anomaly as it is answered. */
export type AnomalyAnswer = z.infer<typeof anomalyAnswerSchema>;

/** Answer to `GET /api/v1/anomalies`. */
export const anomalyListSchema = z.strictObject({
  anomalies: z.array(anomalyAnswerSchema).check(
    z.describe("The newest first."),
  ),
  count: countField,
  next_cursor: z.nullable(z.string()).check(
    z.describe("For the next page; null: there is none."),
  ),
}).register(z.globalRegistry, { id: "AnomalyList" });

/** An anomaly as it is answered. */
export function anomalyAnswer(
  { anomaly, candidates }: StoredAnomaly,
): AnomalyAnswer {
  const { edge, raisedMs, endedMs } = anomaly;
  return {
    id: anomaly.id,
    service: anomaly.service,
    edge: edge && {
      from: edge.from,
      to: edge.to,
      connection_type: edge.connectionType,
    },
    metric: anomaly.metric,
    severity: anomaly.severity,
    state: endedMs === null ? "open" : "ended",
    started_at: timeText(anomaly.startedMs),
    raised_at: raisedMs === null ? null : timeText(raisedMs),
    ended_at: endedMs === null ? null : timeText(endedMs),
    end_reason: anomaly.endReason,
    baseline: figure(anomaly, anomaly.baseline),
    baseline_source: anomaly.baselineSource,
    observed: figure(anomaly, anomaly.observed),
    evidence: anomaly.evidence.map(({ startMs, value, baseline }) => ({
      minute: timeText(startMs),
      value: figure(anomaly, value),
      baseline: figure(anomaly, baseline),
    })),
    sample_traces: [...anomaly.sampleTraces],
    candidates: candidates?.map((one) => ({
      drift_event: one.driftEvent,
      score: one.score,
      rank: one.rank,
      path: [...one.path],
      lag: nsOfMs(one.lagMs),
      reasons: [...one.reasons],
    })) ?? null,
  };
}

/** Durations are whole ns, as everywhere. */
function figure({ metric }: Anomaly, value: number): number {
  return metric === "latency_p95" ? Math.round(value) : value;
}
