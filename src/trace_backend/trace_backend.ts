import type { TraceFilter } from "../search/trace_filter.ts";
import type { Span } from "../spans/span.ts";
import type { TracePosition } from "../trace_index/trace_page.ts";

/** What a store answered, or what is wrong with it. */
export type BackendAnswer<T> =
  | { readonly ok: true; readonly found: T }
  /** For the one who asked; holds no secret. */
  | { readonly ok: false; readonly reason: string };

/** A trace as a store has it. */
export interface BackendTrace {
  /** In whatever order; none: there is no such trace. */
  readonly spans: readonly Span[];
  /** What the store says of a trace that it does not answer whole; null: nothing. */
  readonly warning: string | null;
}

/** Traces that a store found. */
export interface BackendTraces {
  /** The newest first; fewer than asked for: no other starts since `fromNs`. */
  readonly traces: readonly TracePosition[];
  /** How far back it looked, ns since the epoch: no further than was asked. */
  readonly fromNs: bigint;
}

/**
 * A store that holds spans for longer than the shards do: Tempo, ClickHouse.
 * Neither function ever throws.
 */
export interface TraceBackend {
  readonly name: string;
  /** @param traceId 32 hex digits. */
  loadTrace(traceId: string): Promise<BackendAnswer<BackendTrace>>;
  /**
   * The newest traces that a filter may mean, by their starts as the store has
   * them: all that it does mean, and some others.
   *
   * @param limit How many, at the most.
   */
  searchTraces(
    filter: TraceFilter,
    limit: number,
  ): Promise<BackendAnswer<BackendTraces>>;
}
