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
  /** `id` of the caller and the called; null: what the service serves. */
  from: z.nullable(z.string()),
  to: z.nullable(z.string()),
  /** Ratio of latencies; failed, or missing, by requests. */
  rise: z.number(),
  p: ratioField,
  q: ratioField,
  /** The strongest minutes. */
  start: timeField,
  end: timeField,
  /** The change's share of it, 0 to 1. */
  blame: ratioField,
}).register(z.globalRegistry, { id: "Effect" });

/** A service that a change did something to. */
export const serviceImpactSchema = z.strictObject({
  service_name: z.string(),
  /** `id` of the node. */
  service_id: z.string(),
  /** "" where none is known. */
  resource_id: z.string(),
  role: z.literal(ROLES),
  ...comparedRequestsFields,
  /** 1 less the share of false finds. */
  confidence: ratioField,
  effect: effectSchema,
  effects: z.array(effectSchema),
  samples: z.strictObject({ before: countField, after: countField }),
  /** Edges that the change cannot touch, which it was compared with. */
  controls: countField,
  /** When it began; null: at no minute in particular. */
  onset: z.nullable(timeField),
  /** Hops in the resource graph; null: it only calls what is touched. */
  distance: z.nullable(countField),
  /** Resources and nodes, from the change to the service. */
  path: z.array(z.string()),
  edges: z.array(z.strictObject({
    from: z.string(),
    to: z.string(),
    ...comparedRequestsFields,
    sample_traces: z.array(z.string()),
  })),
  sample_traces: z.array(z.string()),
  sample_traces_before: z.array(z.string()),
  /** The same as `sample_traces`, with what is known of each. */
  sample_trace_details: z.array(sampleTraceSchema),
  metadata: z.record(z.string(), z.unknown()),
}).register(z.globalRegistry, { id: "ServiceImpact" });

/** A service that a change did something to. */
export type ServiceImpact = z.infer<typeof serviceImpactSchema>;

/** Answer to `GET /api/v1/correlation/drift/{id}`. */
export const driftReportSchema = z.strictObject({
  drift_event: driftAnswerSchema,
  analysis_window: timeSpanSchema,
  window_before: timeSpanSchema,
  /** Ends now, where it is not over. */
  window_after: timeSpanSchema,
  verdict: z.literal(VERDICTS),
  confidence: ratioField,
  /** In plain words, the most important first. */
  reasons: z.array(z.string()),
  affected_services: z.array(serviceImpactSchema),
  total_impact: z.strictObject({
    services: countField,
    critical_failures: countField,
    /** Nodes of the map that the change can touch. */
    touched: countField,
    figures: countField,
  }),
  competing_events: z.array(z.strictObject({
    drift_event_id: z.string(),
    resource_id: z.string(),
    timestamp: timeField,
    /** Its share of the blame, 0 to 1. */
    share: ratioField,
  })),
  /** As the command line prints it. */
  summary: z.string(),
  generated_at: timeField,
  warnings: z.array(z.string()),
}).register(z.globalRegistry, { id: "CorrelationReport" });

/** Answer to `GET /api/v1/correlation/drift/{id}`. */
export type DriftReport = z.infer<typeof driftReportSchema>;

/** Answer to `GET /api/v1/correlations`. */
export const reportListSchema = z.strictObject({
  /** The newest change first. */
  correlations: z.array(driftReportSchema),
  count: countField,
  /** For the next page; null: there is none. */
  next_cursor: z.nullable(z.string()),
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
