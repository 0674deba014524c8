import type { Span } from "../spans/span.ts";
import { unpackKeptTraces } from "../trace_store/kept_trace.ts";
import { spansOf } from "../trace_store/spans_of.ts";
import type { TraceShards } from "./trace_shards.ts";

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
  const parts = await Promise.all(
    shards.owners(traceId).map((shard) => shard.findTraces([traceId])),
  );
  return parts.flatMap((bytes) => unpackKeptTraces(bytes)).flatMap(spansOf);
}
