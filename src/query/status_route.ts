import type { Context } from "hono";
import { listServices } from "../directory/list_services.ts";
import { shardLayout } from "../directory/shard_layout.ts";
import type { AppEnv } from "../http/app_env.ts";
import { logFault } from "../http/log.ts";
import { forwardCounters } from "../ingest/forward.ts";
import { traceShardName } from "../object_names.ts";
import { rememberedEpochs, type ShardLayout } from "../trace/ownership.ts";
import type { TraceShardStatus } from "../trace/shard_status.ts";
import { answerJson } from "./answer_json.ts";
import { readOrRefuse } from "./asked.ts";
import { firstAskedMs } from "./first_asked.ts";
import { status, statusParameters } from "./status.ts";

/** `GET /api/v1/status` */
export async function answerStatus(
  context: Context<AppEnv>,
): Promise<Response> {
  readOrRefuse(context, statusParameters);
  const settings = context.get("settings");
  const { tenant } = context.get("caller");
  const epochs = await epochsOf(context);
  const shardCount = Math.max(...epochs.map((epoch) => epoch.shards));
  const [services, shards] = await Promise.all([
    listServices(context.env, tenant),
    Promise.all(
      Array.from(
        { length: shardCount },
        (_, index) => askShard(context, index),
      ),
    ),
  ]);
  const nowMs = Date.now();
  return answerJson(status({
    nowMs,
    startedMs: firstAskedMs(nowMs),
    settings,
    services: services.length,
    forward: forwardCounters(),
    epochs,
    shards,
  }));
}

async function epochsOf(context: Context<AppEnv>): Promise<ShardLayout> {
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
    logFault("shard_does_not_answer", error, { shard: name });
    return null;
  }
}
