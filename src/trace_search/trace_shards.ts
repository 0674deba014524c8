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

/** The shards of all epochs that may still hold traces. */
export async function traceShards(
  bindings: Bindings,
  { tenant, settings }: {
    readonly tenant: string;
    readonly settings: Settings;
  },
): Promise<TraceShards> {
  const nowMs = Date.now();
  const layout = await shardLayout(bindings, {
    tenant,
    shards: settings.traceShards,
    nowMs,
  });
  const counts = rememberedEpochs(layout, nowMs).map(({ shards }) => shards);
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
