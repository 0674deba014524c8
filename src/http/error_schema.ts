import * as z from "zod/mini";

/** The body of an error, where OTLP, Tempo, Jaeger or GraphQL have none. */
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

/** The body of an error, where OTLP, Tempo, Jaeger or GraphQL have none. */
export type JsonError = z.infer<typeof errorSchema>;
