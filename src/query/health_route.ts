import type { Context } from "hono";
import type { Bindings } from "../bindings.ts";
import { listServices } from "../directory/list_services.ts";
import type { AppEnv } from "../http/app_env.ts";
import { jsonError, RETRY_AFTER_S } from "../http/json_error.ts";
import { logFault } from "../http/log.ts";
import { recordOf } from "../http/request_record.ts";
import { DEFAULT_TENANT, traceShardName } from "../object_names.ts";
import { answerJson } from "./answer_json.ts";
import { timeText } from "./figures.ts";
import { type Health, storageFaults, type StorageProbe } from "./health.ts";
import { VERSION } from "./version.ts";

/** `GET /health`: 200 only where all of the storage answers. */
export async function answerHealth(
  context: Context<AppEnv>,
): Promise<Response> {
  const faults = await storageFaults(storageProbes(context.env));
  for (const { part, error } of faults) {
    logFault("storage_does_not_answer", error, {
      request_id: recordOf(context).id,
      part,
    });
  }
  if (faults.length > 0) {
    const parts = faults.map(({ part }) => part).join(", ");
    return jsonError(503, `Storage does not answer: ${parts}; see the log`, {
      headers: { "retry-after": String(RETRY_AFTER_S) },
    });
  }
  const health: Health = {
    status: "ok",
    service: "tracecore",
    version: VERSION,
    timestamp: timeText(Date.now()),
  };
  return answerJson(health);
}

function storageProbes(bindings: Bindings): Record<string, StorageProbe> {
  async function database(): Promise<void> {
    await bindings.DB.prepare("SELECT 1").first();
  }
  async function directory(): Promise<void> {
    await listServices(bindings, DEFAULT_TENANT);
  }
  async function traceShard(): Promise<void> {
    const name = traceShardName(DEFAULT_TENANT, 0);
    await bindings.TRACE_SHARD.getByName(name).status();
  }
  return { database, directory, trace_shard: traceShard };
}
