import type { StoreSearch } from "../trace_index/search_pages.ts";
import { byPosition, type TracePosition } from "../trace_index/trace_page.ts";
import type { Candidate, TraceHit, TraceSource } from "./trace_source.ts";

/** Traces whose spans one search reads; it stops there and can be continued. */
export const MAX_TRACES_READ = 200;
/** Traces that are read at the same time: a request has six connections. */
const READ_AT_ONCE = 4;

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
 * Searches all sources, the newest trace first. What a source's index cannot
 * tell is told by the trace's spans.
 *
 * @returns Fewer than `limit` hits with a place to go on at, where that many
 *   traces had to be looked at.
 */
export async function searchTraces(
  sources: readonly TraceSource[],
  search: TraceSearch,
): Promise<TraceSearchResult> {
  const hits: TraceHit[] = [];
  let after = search.after;
  let read = 0;
  for (;;) {
    const round = await askAll(sources, { ...search, after });
    for (let at = 0; at < round.candidates.length; at += READ_AT_ONCE) {
      const some = round.candidates.slice(at, at + READ_AT_ONCE);
      const judged = await Promise.all(some.map(async (one) => ({
        position: one.position,
        ...await one.judge(search),
      })));
      read += judged.filter(({ isRead }) => isRead).length;
      for (const { position: { startNs, traceId }, hit } of judged) {
        after = { startNs, traceId };
        if (hit === null) continue;
        hits.push(hit);
        if (hits.length === search.limit) return { hits, next: after };
      }
      if (read >= MAX_TRACES_READ) return { hits, next: after };
    }
    if (round.until === null) return { hits, next: null };
    after = round.until;
    // A source came to the end of what it reads at once: so does this search.
    if (round.candidates.length === 0) return { hits, next: after };
  }
}

/** What all sources have, as far as none of them may lack anything. */
async function askAll(
  sources: readonly TraceSource[],
  { filter, after, limit }: StoreSearch,
): Promise<{
  readonly candidates: readonly Candidate[];
  readonly until: TracePosition | null;
}> {
  // Nothing else goes over the wire.
  const search = { filter, after, limit };
  const pages = await Promise.all(sources.map((source) => source.page(search)));
  const [until] = pages.map((page) => page.until)
    .filter((position) => position !== null).toSorted(byPosition);
  const candidates = pages.flatMap((page) => page.candidates)
    .filter(({ position }) =>
      until === undefined || byPosition(position, until) <= 0
    )
    .toSorted((a, b) => byPosition(a.position, b.position));
  return { candidates, until: until ?? null };
}
