import type { Span } from "../spans/span.ts";
import { unpackKeptTraces } from "../trace_store/kept_trace.ts";
import { spansOf } from "../trace_store/spans_of.ts";
import type { AskedShard, TraceShards } from "./trace_shards.ts";

/**
 * A trace with all of its spans, from the shard that owns it.
 *
 * @param traceId A byte string of 16.
 * @returns No spans where it is not kept.
 */
export async function loadTrace(
  shards: TraceShards,
  traceId: string,
): Promise<readonly Span[]> {
  return (await loadTraces(shards, [traceId])).get(traceId) ?? [];
}

/**
 * Traces with all of their spans: each shard is asked once.
 *
 * @param traceIds Byte strings of 16.
 * @returns By trace id; those that are not kept are not there.
 */
export async function loadTraces(
  shards: TraceShards,
  traceIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Span[]>> {
  const byShard = new Map<AskedShard, string[]>();
  for (const traceId of new Set(traceIds)) {
    for (const shard of shards.owners(traceId)) {
      const asked = byShard.get(shard) ?? [];
      byShard.set(shard, asked);
      asked.push(traceId);
    }
  }
  const parts = await Promise.all(
    Array.from(byShard, ([shard, ids]) => shard.findTraces(ids)),
  );
  const traces = new Map<string, readonly Span[]>();
  for (const kept of parts.flatMap((bytes) => unpackKeptTraces(bytes))) {
    traces.set(kept.id, [...traces.get(kept.id) ?? [], ...spansOf(kept)]);
  }
  return traces;
}
