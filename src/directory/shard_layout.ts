import type { Bindings } from "../bindings.ts";
import type { ShardLayout } from "../trace/ownership.ts";
import { directoryOf } from "./directory_stub.ts";
import { LayoutCache, type LayoutQuestion } from "./layout_cache.ts";

// Per isolate: the Directory is not asked for each request.
const cache = new LayoutCache();

/**
 * The layout of a tenant's shards, which the Directory extends where it has
 * another number of shards than asked for.
 *
 * @throws Where the Directory does not answer, and what is known is too old.
 */
export function shardLayout(
  bindings: Bindings,
  question: LayoutQuestion,
): Promise<ShardLayout> {
  const { tenant, shards } = question;
  return cache.layout(
    question,
    () => directoryOf(bindings, tenant).layout(shards),
  );
}
