import { unpackMessages } from "../trace/journal_row.ts";
import { readSpansOf } from "../trace/trace_message.ts";
import type { FreshSpan } from "./fresh_traces.ts";
import { spanKey } from "../spans/kept_span.ts";

/**
 * The spans of some traces in fresh rows, by trace.
 *
 * @param rows The rows' bodies.
 */
export function freshSpansIn(
  rows: Iterable<Uint8Array>,
  traceIds: ReadonlySet<string>,
): ReadonlyMap<string, readonly FreshSpan[]> {
  const spans = new Map<string, FreshSpan[]>();
  for (const row of rows) {
    for (const bytes of unpackMessages(row)) {
      for (const { facts, encoding, span } of readSpansOf(bytes, traceIds)) {
        const { traceId } = facts;
        const ofTrace = spans.get(traceId) ?? [];
        spans.set(traceId, ofTrace);
        ofTrace.push({
          facts,
          kept: { key: spanKey(facts), encoding, ...span },
        });
      }
    }
  }
  return spans;
}
