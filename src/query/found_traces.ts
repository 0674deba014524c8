import { chosenBackend } from "../trace_backend/chosen_backend.ts";
import { sourcesWithBackend } from "../trace_backend/sources_with_backend.ts";
import {
  searchTraces,
  type TraceSearch,
  type TraceSearchResult,
} from "../trace_search/search_traces.ts";
import { shardSources } from "../trace_search/shard_source.ts";
import { traceShards } from "../trace_search/trace_shards.ts";
import type { Asking } from "./asking.ts";

/** What was found, and what there is to say of it. */
export interface FoundTraces extends TraceSearchResult {
  /** Why there may be more than was looked at. */
  readonly warnings: readonly string[];
}

/**
 * Searches the traces of the caller's tenant, here and in the store behind.
 *
 * @throws {HttpProblem} Where that store is at fault: status 502.
 */
export async function foundTraces(
  { bindings, ...asked }: Asking,
  search: TraceSearch,
): Promise<FoundTraces> {
  const [shards, { backend, warning }] = await Promise.all([
    traceShards(bindings, asked),
    chosenBackend(bindings, asked),
  ]);
  const sources = backend === null
    ? shardSources(shards)
    : sourcesWithBackend(shards, backend);
  const result = await searchTraces(sources, search);
  return { ...result, warnings: warning === null ? [] : [warning] };
}
