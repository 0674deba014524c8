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
