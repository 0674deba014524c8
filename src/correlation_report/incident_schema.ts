import * as z from "zod/mini";
import { driftAnswerSchema } from "../drift/drift_answer.ts";
import { countField, ratioField, timeField } from "../query/answer_fields.ts";

/** A change that may have caused an incident. */
export const candidateSchema = z.strictObject({
  drift_event: driftAnswerSchema,
  score: ratioField.check(
    z.describe("Its share of all that may have done it, 0 to 1."),
  ),
  rank: countField.check(z.describe("From 1.")),
  linked: z.boolean().check(
    z.describe("Whether it reaches anything that the service waits for."),
  ),
  path: z.array(z.string()).check(
    z.describe("Resources and a node, from the change to what it reaches."),
  ),
  lag: z.number().check(
    z.describe(
      "From the change to the onset, ns; below 0 where it showed before.",
    ),
  ),
  reasons: z.array(z.string()),
}).register(z.globalRegistry, { id: "Candidate" });

/** Answer to `GET /api/v1/correlation/incident`. */
export const incidentReportSchema = z.strictObject({
  symptom: z.nullable(z.strictObject({
    service_name: z.string(),
    service_id: z.string(),
    metric: z.literal(["latency", "error_rate"]).check(
      z.describe("`latency` is the mean, ns; `error_rate` a ratio."),
    ),
    before: z.number(),
    after: z.number(),
    onset: timeField,
    p: ratioField.check(z.describe("How often chance alone does as much.")),
  })).check(z.describe("null: nothing rose more than chance allows.")),
  root_service: z.nullable(z.string()).check(
    z.describe("Where the excess sits; null: nowhere in particular."),
  ),
  roots: z.array(z.strictObject({
    node: z.string(),
    kind: z.literal(["self", "callee", "network"]),
    from: z.string().check(
      z.describe('The way\'s beginning; "" of the others.'),
    ),
    explained: ratioField.check(z.describe("Share of the symptom's excess.")),
    onset: timeField,
  })),
  candidates: z.array(candidateSchema).check(
    z.describe("The likeliest first."),
  ),
  start: timeField,
  end: timeField,
  generated_at: timeField,
}).register(z.globalRegistry, { id: "IncidentReport" });

/** Answer to `GET /api/v1/correlation/incident`. */
export type IncidentReport = z.infer<typeof incidentReportSchema>;

/** A change that may have caused an incident. */
export type IncidentCandidate = z.infer<typeof candidateSchema>;
