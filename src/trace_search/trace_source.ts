import type { TraceFilter } from "../search/trace_filter.ts";
import type { Span } from "../spans/span.ts";
import type { StoreSearch } from "../trace_index/search_pages.ts";
import type { TraceSummary } from "../trace_index/summary.ts";
import type { TracePosition } from "../trace_index/trace_page.ts";

/** A trace that was asked for. */
export interface TraceHit {
  readonly summary: TraceSummary;
  /** Where they had to be read, or were wanted; else null. */
  readonly spans: readonly Span[] | null;
}

/** How a trace that may be asked for is looked at. */
export interface Look {
  readonly filter: TraceFilter;
  /** Whether a hit is to bring its spans. */
  readonly withSpans: boolean;
}

/** What came of a trace that may have been asked for. */
export interface Judgement {
  /** null: it was not, or another source tells it. */
  readonly hit: TraceHit | null;
  /** Whether its spans were read. */
  readonly isRead: boolean;
}

/** A trace that may be asked for, at its place in the order of the source. */
export interface Candidate {
  readonly position: TracePosition;
  judge(look: Look): Promise<Judgement>;
}

/** What a source has next. */
export interface SourcePage {
  /** The newest first. */
  readonly candidates: readonly Candidate[];
  /** Nothing is missing up to here; null: nothing is missing at all. */
  readonly until: TracePosition | null;
}

/** Where traces are looked for: a shard, or a store behind all of them. */
export interface TraceSource {
  page(search: StoreSearch): Promise<SourcePage>;
}
