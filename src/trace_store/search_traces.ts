import { matchesTrace } from "../search/matches_trace.ts";
import type { Span } from "../spans/span.ts";
import { loadTrace } from "./load_trace.ts";
import type { FoundTrace, StoreSearch } from "./search_pages.ts";
import type { TraceSummary } from "./summary.ts";
import { byPosition, type TracePosition } from "./trace_page.ts";
import type { TraceShards } from "./trace_shards.ts";

/** Traces whose spans one search reads; it stops there and can be continued. */
export const MAX_TRACES_READ = 200;
/** Traces that are read at the same time. */
const READ_AT_ONCE = 4;

/** A trace that was asked for. */
export interface TraceHit {
  readonly summary: TraceSummary;
  /** Where they had to be read, or were wanted; else null. */
  readonly spans: readonly Span[] | null;
}

/** What a search found. */
export interface TraceSearchResult {
  /** The newest first. */
  readonly hits: readonly TraceHit[];
  /** Where to go on; null: there is nothing more. */
  readonly next: TracePosition | null;
}

/** What is searched for. */
export interface TraceSearch extends StoreSearch {
  /** Whether each hit is to bring its spans. */
  readonly withSpans: boolean;
}

/**
 * Searches all shards, the newest trace first. What a shard's index cannot
 * tell is told by the trace's spans.
 *
 * @returns Fewer than `limit` hits with a place to go on at, where that many
 *   traces had to be looked at.
 */
export async function searchTraces(
  shards: TraceShards,
  search: TraceSearch,
): Promise<TraceSearchResult> {
  const hits: TraceHit[] = [];
  let after = search.after;
  let read = 0;
  for (;;) {
    const round = await askAll(shards, { ...search, after });
    for (let at = 0; at < round.found.length; at += READ_AT_ONCE) {
      const some = round.found.slice(at, at + READ_AT_ONCE);
      const judged = await Promise.all(
        some.map((one) => judge(shards, search, one)),
      );
      read += judged.filter(({ isRead }) => isRead).length;
      for (const { summary, spans, isHit } of judged) {
        after = { startNs: summary.startNs, traceId: summary.traceId };
        if (!isHit) continue;
        hits.push({ summary, spans });
        if (hits.length === search.limit) return { hits, next: after };
      }
      if (read >= MAX_TRACES_READ) return { hits, next: after };
    }
    if (round.until === null) return { hits, next: null };
    after = round.until;
    // A shard came to the end of what it reads at once: so does this search.
    if (round.found.length === 0) return { hits, next: after };
  }
}

/** What all shards found, as far as none of them may lack anything. */
async function askAll(
  shards: TraceShards,
  { filter, after, limit }: StoreSearch,
): Promise<{
  readonly found: readonly FoundTrace[];
  readonly until: TracePosition | null;
}> {
  const results = await Promise.all(
    shards.all.map((shard) => shard.searchTraces({ filter, after, limit })),
  );
  const [until] = results.map((result) => result.until)
    .filter((position) => position !== null).toSorted(byPosition);
  const found = results.flatMap((result) => result.found)
    .filter(({ summary }) =>
      until === undefined || byPosition(summary, until) <= 0
    )
    .toSorted((a, b) => byPosition(a.summary, b.summary));
  return { found, until: until ?? null };
}

async function judge(
  shards: TraceShards,
  { filter, withSpans }: TraceSearch,
  { summary, verdict }: FoundTrace,
) {
  const isRead = withSpans || verdict === "maybe";
  const spans = isRead ? await loadTrace(shards, summary.traceId) : null;
  const isHit = verdict === "yes"
    // It may have been forgotten since.
    ? spans === null || spans.length > 0
    : spans !== null && matchesTrace(spans, filter);
  return { summary, spans, isHit, isRead };
}
