import * as z from "zod/mini";

/** The body of every error outside OTLP, Tempo's API and Jaeger's. */
export const errorSchema = z.strictObject({
  error: z.string().check(
    z.describe("What happened, with which value, and what to do."),
  ),
  status: z.int(),
  timestamp: z.int().check(z.describe("Unix seconds.")),
  /** Which parameters or fields are at fault. */
  details: z.optional(z.readonly(z.array(z.strictObject({
    parameter: z.string(),
    value: z.optional(z.string()),
    problem: z.string(),
  })))),
}).register(z.globalRegistry, { id: "Error" });

/** The body of every error outside OTLP, Tempo's API and Jaeger's. */
export type JsonError = z.infer<typeof errorSchema>;
