import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { readOrRefuse } from "../query/asked.ts";
import { noParameters } from "../query/parameters.ts";
import { loadStatus } from "../query/load_status.ts";
import { counterMetrics } from "./counter_metrics.ts";
import {
  exposition,
  EXPOSITION_TYPES,
  expositionFormat,
} from "./exposition.ts";
import type { Metric } from "./metric.ts";
import { readCounters } from "./read_counters.ts";
import { statusMetrics } from "./status_metrics.ts";

/**
 * `GET /metrics`: the caller's tenant; for an operator also what is no tenant's,
 * such as requests without a key.
 */
export async function answerMetrics(
  context: Context<AppEnv>,
): Promise<Response> {
  readOrRefuse(context, noParameters);
  const status = await loadStatus(context);
  const metrics = [
    ...statusMetrics(status),
    ...await deploymentMetrics(context),
  ];
  const format = expositionFormat(context.req.header("accept") ?? null);
  return new Response(exposition(metrics, format), {
    headers: {
      "cache-control": "no-store",
      "content-type": EXPOSITION_TYPES[format],
    },
  });
}

async function deploymentMetrics(
  context: Context<AppEnv>,
): Promise<readonly Metric[]> {
  if (!context.get("caller").operator) return [];
  const counts = await readCounters(context.env, "");
  return counts === null ? [] : counterMetrics(counts, "tracecore_deployment");
}
