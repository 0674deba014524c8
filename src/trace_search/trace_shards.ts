import type { Bindings } from "../bindings.ts";
import { shardLayout } from "../directory/shard_layout.ts";
import { traceShardName } from "../object_names.ts";
import type { Settings } from "../settings.ts";
import { rememberedEpochs, shardOf } from "../trace/ownership.ts";
import type {
  StoreSearch,
  StoreSearchResult,
} from "../trace_index/search_pages.ts";

/** A shard as those see it who ask for traces. */
export interface AskedShard {
  findTraces(traceIds: readonly string[]): Promise<Uint8Array>;
  searchTraces(search: StoreSearch): Promise<StoreSearchResult>;
}

/** The shards of a tenant that may hold traces. */
export interface TraceShards {
  /** All of them. */
  readonly all: readonly AskedShard[];
  /** Those that may hold a trace: its owner, and who owned it before. */
  owners(traceId: string): readonly AskedShard[];
}

/** Whose shards. */
export interface ShardsAsked {
  readonly tenant: string;
  readonly settings: Settings;
}

/** How many shards each epoch has that may still hold traces. */
export async function shardCounts(
  bindings: Bindings,
  { tenant, settings }: ShardsAsked,
): Promise<readonly number[]> {
  const nowMs = Date.now();
  const layout = await shardLayout(bindings, {
    tenant,
    shards: settings.traceShards,
    nowMs,
  });
  return rememberedEpochs(layout, nowMs).map(({ shards }) => shards);
}

/** The shards of all epochs that may still hold traces. */
export async function traceShards(
  bindings: Bindings,
  asked: ShardsAsked,
): Promise<TraceShards> {
  const { tenant } = asked;
  const counts = await shardCounts(bindings, asked);
  const all = Array.from(
    { length: Math.max(...counts) },
    (_, index) => bindings.TRACE_SHARD.getByName(traceShardName(tenant, index)),
  );
  return {
    all,
    owners(traceId) {
      const owners = new Set(counts.map((count) => shardOf(traceId, count)));
      return all.filter((_, index) => owners.has(index));
    },
  };
}
