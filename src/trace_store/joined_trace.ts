import type { FreshSpan, SummarizedParts } from "./fresh_traces.ts";
import type { KeptTrace } from "./kept_trace.ts";
import { addSpan, copySummary, emptySummary } from "../trace_index/summary.ts";
import { bytesOfSpan, MAX_TRACE_BYTES } from "./trace_batch.ts";

/** A trace with spans that were apart. */
export interface JoinedTrace {
  /** Its summary tells of no attributes. */
  readonly trace: KeptTrace;
  /** Spans beyond `MAX_TRACE_BYTES`, which it does not have. */
  readonly longSpans: number;
}

/**
 * A trace with the spans that it has, then those that are new to it.
 *
 * @param id A byte string of 16.
 */
export function joinedTrace(
  id: string,
  { older, fresh, resourceIds }: Pick<SummarizedParts, "resourceIds"> & {
    readonly older: KeptTrace | null;
    readonly fresh: readonly FreshSpan[];
  },
): JoinedTrace {
  const summary = older === null
    ? emptySummary(id)
    : copySummary(older.summary);
  const spans = [...older?.spans ?? []];
  const keys = new Set(spans.map(({ key }) => key));
  let bytes = spans.reduce((sum, span) => sum + bytesOfSpan(span), 0);
  let longSpans = 0;
  for (const { facts, kept } of fresh) {
    if (keys.has(kept.key)) continue;
    bytes += bytesOfSpan(kept);
    if (bytes > MAX_TRACE_BYTES) {
      longSpans++;
      continue;
    }
    keys.add(kept.key);
    spans.push(kept);
    addSpan(summary, facts, resourceIds(kept));
  }
  return { trace: { id, summary, spans }, longSpans };
}
