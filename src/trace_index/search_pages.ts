import type { TraceFilter } from "../search/trace_filter.ts";
import { type AskedServices, askedTraces } from "./asked_traces.ts";
import { UNINDEXED } from "./indexed_attributes.ts";
import type { AskedHash } from "./page_attributes.ts";
import type { TraceSummary } from "./summary.ts";
import { matchSummary, type Verdict } from "./summary_match.ts";
import {
  ANY_SERVICE,
  byPosition,
  failedIn,
  type TracePosition,
  unpackPage,
} from "./trace_page.ts";

/**
 * Pages that one search reads; it stops there and tells how far it came. Those
 * that reach over the time at which it begins are read, however many.
 */
export const MAX_PAGES_PER_SEARCH = 400;
const NS_PER_MS = 1_000_000n;

/** What is searched. */
export interface StoreSearch {
  readonly filter: TraceFilter;
  /** Only what comes after it; null: from the newest on. */
  readonly after: TracePosition | null;
  /** How many traces are wanted. */
  readonly limit: number;
}

/** A trace that a search found. */
export interface FoundTrace {
  /** Without its attributes. */
  readonly summary: TraceSummary;
  readonly verdict: Exclude<Verdict, "no">;
}

/** What a search found. */
export interface StoreSearchResult {
  /** The newest first; `limit` at the most. */
  readonly found: readonly FoundTrace[];
  /** Nothing is missing up to here; null: nothing is missing at all. */
  readonly until: TracePosition | null;
}

/** Where traces are looked for. */
export interface SearchedTraces {
  /** Summaries of all traces with fresh spans; pages may have older ones. */
  readonly fresh: ReadonlyMap<string, TraceSummary>;
  /** By `untilMs`, the newest first. */
  pages(range: {
    readonly fromMs: number;
    readonly untilMs: number;
    readonly services: readonly string[] | null;
    readonly attributes: readonly (readonly AskedHash[])[];
  }): Iterable<{ readonly untilMs: number; readonly body: Uint8Array }>;
}

/**
 * Finds traces, the newest first. It reads page by page from the newest on,
 * until no page that is left can hold one that belongs before those found.
 */
export function searchPages(
  { filter, after, limit }: StoreSearch,
  traces: SearchedTraces,
): StoreSearchResult {
  let found: FoundTrace[] = [];
  function consider(summary: TraceSummary): void {
    if (after !== null && byPosition(summary, after) <= 0) return;
    const verdict = matchSummary(summary, filter);
    if (verdict === "no") return;
    found.push({ summary: { ...summary, attributes: UNINDEXED }, verdict });
  }
  function keepBest(): void {
    found.sort((a, b) => byPosition(a.summary, b.summary));
    found = found.slice(0, limit);
  }
  for (const summary of traces.fresh.values()) consider(summary);
  keepBest();
  let pages = 0;
  const newest = after !== null && after.startNs < filter.toNs
    ? after.startNs
    : filter.toNs;
  const asked = askedTraces(filter);
  const { services, attributes } = asked;
  const range = {
    fromMs: Number(filter.fromNs / NS_PER_MS),
    untilMs: Number(newest / NS_PER_MS),
    services: services === null ? null : linesOf(services),
    attributes,
  };
  for (const { untilMs, body } of traces.pages(range)) {
    const left = endOf(untilMs);
    const last = found[limit - 1];
    if (last !== undefined && last.summary.startNs > left) break;
    // Not among pages that reach over where it began: it would stop there again.
    if (left + 1n < newest && pages++ === MAX_PAGES_PER_SEARCH) {
      // The newest that a page which is left can hold.
      const until = { startNs: left + 1n, traceId: LAST_TRACE_ID };
      return {
        found: found.filter(({ summary }) => summary.startNs > left),
        until,
      };
    }
    for (const summary of unpackPage(body, asked)) {
      if (!traces.fresh.has(summary.traceId)) consider(summary);
    }
    keepBest();
  }
  const last = found[limit - 1]?.summary;
  return {
    found,
    until: last === undefined
      ? null
      : { startNs: last.startNs, traceId: last.traceId },
  };
}

/** After every id. */
export const LAST_TRACE_ID = "\u00ff".repeat(16);

/** The last ns of a millisecond. */
function endOf(ms: number): bigint {
  return (BigInt(ms) + 1n) * NS_PER_MS - 1n;
}

/** Lines of which a page has to hold one. */
function linesOf({ names, failed }: AskedServices): readonly string[] {
  const lines = failed ? Array.from(names, failedIn) : [...names];
  return [...lines, ANY_SERVICE];
}
