import type { Context } from "hono";
import { countOpenAnomalies } from "../anomaly/anomaly_store.ts";
import { listServices } from "../directory/list_services.ts";
import type { AppEnv } from "../http/app_env.ts";
import { logFault } from "../http/log.ts";
import { recordOf } from "../http/request_record.ts";
import { targetNames } from "../outbox/target_names.ts";
import { shardLayout } from "../directory/shard_layout.ts";
import { traceShardName } from "../object_names.ts";
import { readGraphState } from "../resources/graph_store.ts";
import { readCounters } from "../telemetry/read_counters.ts";
import { settledWithin } from "../storage/settled_within.ts";
import { rememberedEpochs, type ShardLayout } from "../trace/ownership.ts";
import type { TraceShardStatus } from "../trace/shard_status.ts";
import { firstAskedMs } from "./first_asked.ts";
import { loadOutbox } from "./load_outbox.ts";
import { type Status, status } from "./status.ts";

/** How long a status waits for what this isolate counted to be sent, ms. */
export const FLUSH_WAIT_MS = 1000;

/** Asks all parts how they are doing, for the caller's tenant. */
export async function loadStatus(context: Context<AppEnv>): Promise<Status> {
  const settings = context.get("settings");
  const { tenant } = context.get("caller");
  await flushOwn(context);
  const epochs = await loadEpochs(context);
  const shardCount = Math.max(...epochs.map((epoch) => epoch.shards));
  const [services, counters, outbox, openAnomalies, resourceGraph, shards] =
    await Promise.all(
      [
        listServices(context.env, tenant),
        readCounters(context.env, tenant),
        Promise.all(
          targetNames(settings).map((name) => loadOutbox(context, name)),
        ),
        countOpenAnomalies(context.env.DB, tenant),
        readGraphState(context.env.DB, tenant),
        Promise.all(
          Array.from(
            { length: shardCount },
            (_, index) => askShard(context, index),
          ),
        ),
      ],
    );
  const nowMs = Date.now();
  return status({
    nowMs,
    startedMs: firstAskedMs(nowMs),
    settings,
    services: services.length,
    counters,
    outbox,
    openAnomalies,
    resourceGraph,
    epochs,
    shards,
  });
}

/** Who asks this isolate sees what it counted, without waiting for its turn. */
async function flushOwn(context: Context<AppEnv>): Promise<void> {
  const flushed = context.get("flush")?.();
  if (flushed === undefined) return;
  context.executionCtx.waitUntil(flushed);
  await settledWithin(flushed, FLUSH_WAIT_MS);
}

async function loadEpochs(context: Context<AppEnv>): Promise<ShardLayout> {
  const nowMs = Date.now();
  const layout = await shardLayout(context.env, {
    tenant: context.get("caller").tenant,
    shards: context.get("settings").traceShards,
    nowMs,
  });
  return rememberedEpochs(layout, nowMs);
}

async function askShard(
  context: Context<AppEnv>,
  index: number,
): Promise<TraceShardStatus | null> {
  const name = traceShardName(context.get("caller").tenant, index);
  try {
    return await context.env.TRACE_SHARD.getByName(name).status();
  } catch (error) {
    // One shard that does not answer is what one looks for in a status.
    logFault("shard_does_not_answer", error, {
      request_id: recordOf(context).id,
      shard: name,
    });
    return null;
  }
}
