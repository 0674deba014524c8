import * as z from "zod/mini";
import { driftAnswerSchema } from "../drift/drift_answer.ts";
import { countField, ratioField, timeField } from "../query/answer_fields.ts";

/** A change that may have caused an incident. */
export const candidateSchema = z.strictObject({
  drift_event: driftAnswerSchema,
  /** Its share of all that may have done it, 0 to 1. */
  score: ratioField,
  /** From 1. */
  rank: countField,
  /** Whether it reaches anything that the service waits for. */
  linked: z.boolean(),
  /** Resources and a node, from the change to what it reaches. */
  path: z.array(z.string()),
  /** From the change to the onset, ns; below 0 where it showed before. */
  lag: z.number(),
  reasons: z.array(z.string()),
}).register(z.globalRegistry, { id: "Candidate" });

/** Answer to `GET /api/v1/correlation/incident`. */
export const incidentReportSchema = z.strictObject({
  /** null: nothing rose more than chance allows. */
  symptom: z.nullable(z.strictObject({
    service_name: z.string(),
    service_id: z.string(),
    /** `latency` is the mean, ns; `error_rate` a ratio. */
    metric: z.literal(["latency", "error_rate"]),
    before: z.number(),
    after: z.number(),
    onset: timeField,
    /** How often chance alone does as much. */
    p: ratioField,
  })),
  /** Where the excess sits; null: nowhere in particular. */
  root_service: z.nullable(z.string()),
  roots: z.array(z.strictObject({
    node: z.string(),
    kind: z.literal(["self", "callee", "network"]),
    /** The way's beginning; "" of the others. */
    from: z.string(),
    /** Share of the symptom's excess. */
    explained: ratioField,
    onset: timeField,
  })),
  /** The likeliest first. */
  candidates: z.array(candidateSchema),
  start: timeField,
  end: timeField,
  generated_at: timeField,
}).register(z.globalRegistry, { id: "IncidentReport" });

/** Answer to `GET /api/v1/correlation/incident`. */
export type IncidentReport = z.infer<typeof incidentReportSchema>;

/** A change that may have caused an incident. */
export type IncidentCandidate = z.infer<typeof candidateSchema>;
