import * as z from "zod/mini";
import { driftAnswerSchema } from "../drift/drift_answer.ts";
import { traceSchema } from "../trace_view/trace_answer.ts";

/** Answer to `GET /api/v1/traces/{trace_id}`. */
export const answeredTraceSchema = z.extend(traceSchema, {
  drift_events: z.array(driftAnswerSchema).check(
    z.describe(
      "Of the hour before it ended, to what it ran on or called; the newest first.",
    ),
  ),
}).register(z.globalRegistry, { id: "Trace" });

/** Answer to `GET /api/v1/traces/{trace_id}`. */
export type AnsweredTrace = z.infer<typeof answeredTraceSchema>;
