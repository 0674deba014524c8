import * as z from "zod/mini";

/** What every answer of Jaeger's query API is wrapped in. */
export interface JaegerAnswer<Entry> {
  data: readonly Entry[];
  /** How many entries `data` has. */
  total: number;
  limit: number;
  offset: number;
  errors: null;
}

/** The schema of an answer with entries of a schema. */
export function jaegerAnswerSchema<Entry extends z.ZodMiniType>(entry: Entry) {
  return z.strictObject({
    data: z.array(entry),
    total: z.number(),
    limit: z.literal(0),
    offset: z.literal(0),
    errors: z.null(),
  });
}

/**
 * Entries as Jaeger's query API answers them.
 *
 * Source: jaegertracing/jaeger, jaegerquery/internal/http_handler.go,
 * `structuredResponse`.
 */
export function jaegerAnswer<Entry>(
  data: readonly Entry[],
): JaegerAnswer<Entry> {
  return { data, total: data.length, limit: 0, offset: 0, errors: null };
}

/** What is answered to a request that cannot be answered. */
export const jaegerProblemSchema = z.strictObject({
  data: z.null(),
  total: z.literal(0),
  limit: z.literal(0),
  offset: z.literal(0),
  errors: z.array(z.strictObject({ code: z.int(), msg: z.string() })),
}).register(z.globalRegistry, { id: "JaegerProblem" });

/** What is answered to a request that cannot be answered. */
export function jaegerProblem(
  status: 400 | 404,
  msg: string,
): z.infer<typeof jaegerProblemSchema> {
  return {
    data: null,
    total: 0,
    limit: 0,
    offset: 0,
    errors: [{ code: status, msg }],
  };
}
