import { hexOf } from "../codec/byte_string.ts";
import { isCandidate, keepSample, type Sample } from "../map/sample.ts";
import type { SpanFacts } from "./span_facts.ts";

/**
 * Keeps a span's trace as a sample, where it is one of the slowest.
 *
 * @param seen Whether it failed, and when it ended, ms since the epoch.
 */
export function sampleSpan(
  kept: Sample[],
  span: SpanFacts,
  seen: Pick<Sample, "failed" | "endMs">,
): void {
  const { durationNs } = span;
  const { failed, endMs } = seen;
  // Few spans get further, and the digits cost more than all the rest.
  if (!isCandidate(kept, { durationNs, failed })) return;
  keepSample(kept, { traceId: hexOf(span.traceId), durationNs, failed, endMs });
}
