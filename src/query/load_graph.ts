import type { Context } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import type { AnswerPlan } from "./answer_plan.ts";
import {
  type LoadedGraph,
  type LoadGraphOptions,
  loadServiceGraph,
} from "./load_service_graph.ts";

/** Loads a window of all services of the caller's tenant. */
export function loadGraph(
  context: Context<AppEnv>,
  { window, ranges }: AnswerPlan,
  options: LoadGraphOptions = {},
): Promise<LoadedGraph> {
  return loadServiceGraph(context.env, {
    ...options,
    tenant: context.get("caller").tenant,
    settings: context.get("settings"),
    nowMs: window.nowMs,
    ranges,
    waitUntil: (promise) => context.executionCtx.waitUntil(promise),
  });
}
