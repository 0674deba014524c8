import { SEVERITIES, type Severity } from "../drift/drift.ts";
import type { Sample } from "../map/sample.ts";
import type {
  Anomaly,
  AnomalyEnd,
  AnomalyMetric,
  AnomalyMinute,
} from "./anomaly.ts";
import { anomalyId } from "./anomaly_id.ts";
import {
  ACCOUNT_MINUTES,
  CALM_MINUTES,
  MAX_ANOMALY_TRACES,
  MAX_EVIDENCE_MINUTES,
  NEW_NORMAL_MINUTES,
  SILENT_MINUTES,
} from "./anomaly_limits.ts";
import type { Lasting, Watched } from "./detector_state.ts";
import { ERROR_JUDGE } from "./judge_errors.ts";
import { LATENCY_JUDGE } from "./judge_latency.ts";
import { RATE_JUDGE } from "./judge_rate.ts";
import type { Judged, MetricJudge } from "./metric_judge.ts";
import type { Observation } from "./stretch.ts";

const MS_A_MINUTE = 60_000;

/** How each metric is judged. */
export const JUDGES: Readonly<Record<AnomalyMetric, MetricJudge>> = {
  latency_p95: LATENCY_JUDGE,
  error_rate: ERROR_JUDGE,
  request_rate: RATE_JUDGE,
};

/** What an anomaly is seen in. */
export interface Sighting {
  /** `nodeId`. */
  readonly service: string;
  readonly watched: Pick<Watched, "edge">;
  readonly metric: AnomalyMetric;
  readonly judged: Judged;
  /** Minutes since the epoch. */
  readonly minute: number;
  /** Traces of this minute. */
  readonly samples: () => readonly Sample[];
}

/** An anomaly that begins: it has been held for the whole stretch. */
export function begun(sighting: Sighting): Lasting {
  const { service, watched, metric, judged, minute } = sighting;
  const judge = JUDGES[metric];
  const startMinute = judged.stretch[0]?.minute ?? minute;
  const observed = judge.observed(judged);
  const baseline = judge.baseline(judged);
  const anomaly: Anomaly = {
    id: anomalyId([service, watched.edge?.id ?? "", metric], startMinute),
    service,
    edge: watched.edge,
    metric,
    severity: judge.severity(observed, baseline),
    startedMs: startMinute * MS_A_MINUTE,
    // More or fewer requests hurt nobody by themselves.
    raisedMs: metric === "request_rate" ? null : (minute + 1) * MS_A_MINUTE,
    endedMs: null,
    endReason: null,
    baseline,
    baselineSource: judged.expected.source,
    observed,
    evidence: judged.stretch.map((one) => minuteOf(judge, one, baseline)),
    sampleTraces: moreTraces([], sighting),
    revision: 1,
  };
  return { anomaly, lastMinute: minute, calm: 0, silent: 0 };
}

/** What became of an anomaly in a minute. */
export interface Followed {
  readonly lasting: Lasting;
  /** Whether there is something to tell. */
  readonly told: boolean;
}

/** An anomaly a minute later. @param judged null: too little is known. */
export function followed(
  { anomaly, lastMinute, calm, silent }: Lasting,
  sighting: Omit<Sighting, "judged"> & { readonly judged: Judged | null },
): Followed {
  const { metric, judged, minute } = sighting;
  const verdict = judged === null
    ? "silent"
    : JUDGES[metric].lasts(judged, anomaly.observed);
  if (minute + 1 - anomaly.startedMs / MS_A_MINUTE >= NEW_NORMAL_MINUTES) {
    return over(anomaly, "new_normal", minute);
  }
  if (judged !== null && verdict === "lasting") {
    const next = worse(anomaly, { ...sighting, judged });
    return {
      lasting: { anomaly: next, lastMinute: minute, calm: 0, silent: 0 },
      told: next !== anomaly && next.revision > anomaly.revision,
    };
  }
  const counts = verdict === "calm"
    ? { calm: calm + 1, silent: 0 }
    : { calm, silent: silent + 1 };
  if (counts.calm >= CALM_MINUTES) return over(anomaly, "calm", lastMinute);
  if (counts.silent >= SILENT_MINUTES) {
    return over(anomaly, "no_data", lastMinute);
  }
  return { lasting: { anomaly, lastMinute, ...counts }, told: false };
}

function over(
  anomaly: Anomaly,
  endReason: AnomalyEnd,
  lastMinute: number,
): Followed {
  const ended: Anomaly = {
    ...anomaly,
    endedMs: (lastMinute + 1) * MS_A_MINUTE,
    endReason,
    revision: anomaly.revision + 1,
  };
  return {
    lasting: { anomaly: ended, lastMinute, calm: 0, silent: 0 },
    told: true,
  };
}

function worse(anomaly: Anomaly, sighting: Sighting): Anomaly {
  const { metric, judged, minute } = sighting;
  const judge = JUDGES[metric];
  const now = judge.observed(judged);
  const { baseline } = anomaly;
  const isFurther = Math.abs(now - baseline) >
    Math.abs(anomaly.observed - baseline);
  const observed = isFurther ? now : anomaly.observed;
  const severity = worst(anomaly.severity, judge.severity(observed, baseline));
  const last = judged.stretch.at(-1);
  const isShown = last !== undefined &&
    anomaly.evidence.length < MAX_EVIDENCE_MINUTES;
  const evidence = isShown
    ? [
      ...anomaly.evidence,
      minuteOf(judge, last, judge.baseline(judged)),
    ]
    : anomaly.evidence;
  const sampleTraces = moreTraces(anomaly.sampleTraces, sighting);
  const isWorse = severity !== anomaly.severity;
  const isNews = isShown || isFurther;
  if (!isNews && !isWorse) return anomaly;
  const age = minute + 1 - anomaly.startedMs / MS_A_MINUTE;
  const isTold = isWorse || age % ACCOUNT_MINUTES === 0;
  return {
    ...anomaly,
    severity,
    observed,
    evidence,
    sampleTraces,
    revision: anomaly.revision + (isTold ? 1 : 0),
  };
}

function minuteOf(
  judge: MetricJudge,
  observation: Observation,
  baseline: number,
): AnomalyMinute {
  return {
    startMs: observation.minute * MS_A_MINUTE,
    value: judge.value(observation),
    baseline,
  };
}

function worst(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b) ? a : b;
}

/** The failed ones first where errors are what is wrong, else the slowest. */
function moreTraces(
  known: readonly string[],
  { metric, samples }: Pick<Sighting, "metric" | "samples">,
): readonly string[] {
  if (metric === "request_rate" || known.length >= MAX_ANOMALY_TRACES) {
    return known;
  }
  const shown = samples()
    .filter(({ failed }) => failed || metric === "latency_p95")
    .toSorted((a, b) => b.durationNs - a.durationNs)
    .map(({ traceId }) => traceId);
  return [...new Set([...known, ...shown])].slice(0, MAX_ANOMALY_TRACES);
}
