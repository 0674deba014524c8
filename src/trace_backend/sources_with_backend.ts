import { hexOf } from "../codec/byte_string.ts";
import { matchesTrace } from "../search/matches_trace.ts";
import type { Span } from "../spans/span.ts";
import { loadTrace } from "../trace_search/load_trace.ts";
import { shardSources } from "../trace_search/shard_source.ts";
import { summaryOfSpans } from "../trace_index/summary_of_spans.ts";
import type { TracePosition } from "../trace_index/trace_page.ts";
import type { TraceShards } from "../trace_search/trace_shards.ts";
import type {
  Judgement,
  Look,
  TraceSource,
} from "../trace_search/trace_source.ts";
import { backendPage } from "./backend_page.ts";
import { backendProblem } from "./backend_problem.ts";
import type { TraceBackend } from "./trace_backend.ts";

/**
 * The shards, and a store behind them. A trace that both have is told once: by
 * its shard, where that has a span without a parent, since what a shard keeps
 * it keeps whole; else by the store, together with the shard's late spans.
 */
export function sourcesWithBackend(
  shards: TraceShards,
  backend: TraceBackend,
): readonly TraceSource[] {
  async function readBackend(traceId: string): Promise<readonly Span[]> {
    const answer = await backend.loadTrace(hexOf(traceId));
    if (!answer.ok) throw backendProblem(backend, answer);
    return answer.found.spans;
  }
  async function judge(
    { traceId }: TracePosition,
    { filter }: Look,
  ): Promise<Judgement> {
    const here = await loadTrace(shards, traceId);
    if (here.some(isRoot)) return { hit: null, isRead: true };
    const spans = [...here, ...await readBackend(traceId)];
    const isHit = matchesTrace(spans, filter);
    const summary = summaryOfSpans(traceId, spans);
    return { hit: isHit ? { summary, spans } : null, isRead: true };
  }
  const behind: TraceSource = {
    page: async (search) => {
      const answer = await backendPage(backend, search);
      if (!answer.ok) throw backendProblem(backend, answer);
      const { found, until } = answer.found;
      const candidates = found.map((position) => ({
        position,
        judge: (look: Look) => judge(position, look),
      }));
      return { candidates, until };
    },
  };
  return [...shardSources(shards, { readElsewhere: readBackend }), behind];
}

function isRoot({ parentSpanId }: Span): boolean {
  return parentSpanId === "";
}
