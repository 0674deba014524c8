import * as z from "zod/mini";
import {
  type DriftFinding,
  ROLES,
  VERDICTS,
} from "../correlation/drift_finding.ts";
import type { Drift } from "../drift/drift.ts";
import { driftAnswerSchema } from "../drift/drift_answer.ts";
import { countField, ratioField, timeField } from "../query/answer_fields.ts";
import { comparedRequestsFields } from "./compared_requests.ts";
import type { ComparedGraphs } from "./compared_graphs.ts";
import { type SampleTrace, sampleTraceSchema } from "./sample_trace.ts";

const MS_PER_MINUTE = 60_000;
const MS_PER_S = 1000;

const timeSpanSchema = z.strictObject({ start: timeField, end: timeField });

/** What became of one figure. */
export const effectSchema = z.strictObject({
  metric: z.string(),
  from: z.nullable(z.string()).check(
    z.describe(
      "`id` of the caller and the called; null: what the service serves.",
    ),
  ),
  to: z.nullable(z.string()),
  rise: z.number().check(
    z.describe("Ratio of latencies; failed, or missing, by requests."),
  ),
  p: ratioField,
  q: ratioField,
  start: timeField.check(z.describe("The strongest minutes.")),
  end: timeField,
  blame: ratioField.check(z.describe("The change's share of it, 0 to 1.")),
}).register(z.globalRegistry, { id: "Effect" });

/** A service that a change did something to. */
export const serviceImpactSchema = z.strictObject({
  service_name: z.string(),
  service_id: z.string().check(z.describe("`id` of the node.")),
  resource_id: z.string().check(z.describe('"" where none is known.')),
  role: z.literal(ROLES),
  ...comparedRequestsFields,
  confidence: ratioField.check(z.describe("1 less the share of false finds.")),
  effect: effectSchema,
  effects: z.array(effectSchema),
  samples: z.strictObject({ before: countField, after: countField }),
  controls: countField.check(
    z.describe(
      "Edges that the change cannot touch, which it was compared with.",
    ),
  ),
  onset: z.nullable(timeField).check(
    z.describe("When it began; null: at no minute in particular."),
  ),
  distance: z.nullable(countField).check(
    z.describe(
      "Hops in the resource graph; null: it only calls what is touched.",
    ),
  ),
  path: z.array(z.string()).check(
    z.describe("Resources and nodes, from the change to the service."),
  ),
  edges: z.array(z.strictObject({
    from: z.string(),
    to: z.string(),
    ...comparedRequestsFields,
    sample_traces: z.array(z.string()),
  })),
  sample_traces: z.array(z.string()),
  sample_traces_before: z.array(z.string()),
  sample_trace_details: z.array(sampleTraceSchema).check(
    z.describe("The same as `sample_traces`, with what is known of each."),
  ),
  metadata: z.record(z.string(), z.unknown()),
}).register(z.globalRegistry, { id: "ServiceImpact" });

/** A service that a change did something to. */
export type ServiceImpact = z.infer<typeof serviceImpactSchema>;

/** Answer to `GET /api/v1/correlation/drift/{id}`. */
export const driftReportSchema = z.strictObject({
  drift_event: driftAnswerSchema,
  analysis_window: timeSpanSchema,
  window_before: timeSpanSchema,
  window_after: timeSpanSchema.check(
    z.describe("Ends now, where it is not over."),
  ),
  verdict: z.literal(VERDICTS),
  confidence: ratioField,
  reasons: z.array(z.string()).check(
    z.describe("In plain words, the most important first."),
  ),
  affected_services: z.array(serviceImpactSchema),
  total_impact: z.strictObject({
    services: countField,
    critical_failures: countField,
    touched: countField.check(
      z.describe("Nodes of the map that the change can touch."),
    ),
    figures: countField,
  }),
  competing_events: z.array(z.strictObject({
    drift_event_id: z.string(),
    resource_id: z.string(),
    timestamp: timeField,
    share: ratioField.check(z.describe("Its share of the blame, 0 to 1.")),
  })),
  summary: z.string().check(z.describe("As the command line prints it.")),
  generated_at: timeField,
  warnings: z.array(z.string()),
}).register(z.globalRegistry, { id: "CorrelationReport" });

/** Answer to `GET /api/v1/correlation/drift/{id}`. */
export type DriftReport = z.infer<typeof driftReportSchema>;

/** Answer to `GET /api/v1/correlations`. */
export const reportListSchema = z.strictObject({
  correlations: z.array(driftReportSchema).check(
    z.describe("The newest change first."),
  ),
  count: countField,
  next_cursor: z.nullable(z.string()).check(
    z.describe("For the next page; null: there is none."),
  ),
}).register(z.globalRegistry, { id: "CorrelationList" });

/** What a report is made from. */
export interface ReportParts {
  readonly drift: Drift;
  readonly finding: DriftFinding;
  /** Start of the series' first minute, s since the epoch. */
  readonly startS: number;
  readonly graphs: ComparedGraphs;
  /** By trace id. */
  readonly traces: ReadonlyMap<string, SampleTrace>;
  /** By event id. */
  readonly drifts: ReadonlyMap<string, Drift>;
  readonly nowMs: number;
  readonly warnings: readonly string[];
}

/** The start of a minute of the series, ms since the epoch. */
export function msOf(
  { startS }: Pick<ReportParts, "startS">,
  minute: number,
): number {
  return startS * MS_PER_S + minute * MS_PER_MINUTE;
}

/** The share of an effect that is a change's doing, as it is answered. */
export type AnsweredEffect = z.infer<typeof effectSchema>;
