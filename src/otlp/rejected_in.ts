import type { SpanBatch } from "./span_batch.ts";
import { MAX_SPANS_PER_REQUEST } from "./span_batch_builder.ts";

/**
 * Tells of each span of a body whether its batch rejected it, for
 * {@linkcode cutSpans}: by its ordinal over all spans of the body, from 0.
 *
 * @example
 * ```ts
 * import { rejectedIn } from "../src/otlp/rejected_in.ts";
 *
 * const isRejected = rejectedIn({ rejectedSpans: [1] });
 * expect([0, 1, 2].map(isRejected)).toEqual([false, true, false]);
 * ```
 */
export function rejectedIn(
  { rejectedSpans }: Pick<SpanBatch, "rejectedSpans">,
): (ordinal: number) => boolean {
  const rejected = new Set(rejectedSpans);
  return (ordinal) => ordinal >= MAX_SPANS_PER_REQUEST || rejected.has(ordinal);
}
