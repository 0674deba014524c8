import { matchesTrace } from "../search/matches_trace.ts";
import type { Span } from "../spans/span.ts";
import { loadTrace } from "./load_trace.ts";
import type { FoundTrace } from "../trace_index/search_pages.ts";
import type { Judgement, Look, TraceSource } from "./trace_source.ts";
import type { TraceShards } from "./trace_shards.ts";

/** What else there is beside the shards. */
export interface ShardSourceOptions {
  /**
   * Reads a trace, by its id as a byte string, where more is known of it than
   * its shard keeps. Such a trace is no hit here.
   */
  readonly readElsewhere?: (traceId: string) => Promise<readonly Span[]>;
}

/** Each shard as a source of traces. */
export function shardSources(
  shards: TraceShards,
  { readElsewhere }: ShardSourceOptions = {},
): readonly TraceSource[] {
  async function judge(
    { summary, verdict }: FoundTrace,
    { filter, withSpans }: Look,
  ): Promise<Judgement> {
    if (readElsewhere !== undefined && summary.root?.first !== true) {
      // Late spans of a trace that is not kept are no trace of their own.
      const elsewhere = await readElsewhere(summary.traceId);
      if (elsewhere.length > 0) return { hit: null, isRead: true };
    }
    const isRead = withSpans || verdict === "maybe";
    const spans = isRead ? await loadTrace(shards, summary.traceId) : null;
    const isHit = verdict === "yes"
      // It may have been forgotten since.
      ? spans === null || spans.length > 0
      : spans !== null && matchesTrace(spans, filter);
    return { hit: isHit ? { summary, spans } : null, isRead };
  }
  return shards.all.map((shard) => ({
    page: async (search) => {
      const { found, until } = await shard.searchTraces(search);
      const candidates = found.map((one) => ({
        position: one.summary,
        judge: (look: Look) => judge(one, look),
      }));
      return { candidates, until };
    },
  }));
}
