import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { readOrRefuse } from "../query/asked.ts";
import { noParameters } from "../query/parameters.ts";
import { loadStatus } from "../query/load_status.ts";
import { loadServiceTotals } from "../service_metrics/load_service_totals.ts";
import { serviceMetrics } from "../service_metrics/service_metrics.ts";
import { counterMetrics } from "./counter_metrics.ts";
import {
  EXPOSITION_TYPES,
  expositionFormat,
  expositionParts,
} from "./exposition.ts";
import type { AnyMetric, Metric } from "./metric.ts";
import { readCounters } from "./read_counters.ts";
import { statusMetrics } from "./status_metrics.ts";

/**
 * `GET /metrics`: what the services of the caller's tenant did, and how
 * TraceCore is doing for it; for an operator also what is no tenant's,
 * such as requests without a key.
 */
export async function answerMetrics(
  context: Context<AppEnv>,
): Promise<Response> {
  readOrRefuse(context, noParameters);
  const { graphBounds: bounds } = context.get("settings");
  const [status, scraped] = await Promise.all([
    loadStatus(context),
    loadServiceTotals(context.env, {
      tenant: context.get("caller").tenant,
      bounds,
      nowMs: Date.now(),
    }),
  ]);
  const metrics: readonly AnyMetric[] = [
    ...serviceMetrics(scraped, bounds),
    ...statusMetrics(status),
    ...await deploymentMetrics(context),
  ];
  const format = expositionFormat(context.req.header("accept") ?? null);
  return new Response(streamOf(expositionParts(metrics, format)), {
    headers: {
      "cache-control": "no-store",
      "content-type": EXPOSITION_TYPES[format],
    },
  });
}

function streamOf(
  parts: Iterator<string, undefined>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      const part = parts.next();
      if (part.done === true) controller.close();
      else controller.enqueue(encoder.encode(part.value));
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
