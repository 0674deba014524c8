import type { AnswerPlan } from "./answer_plan.ts";
import type { Asking } from "./asking.ts";
import {
  type LoadedGraph,
  type LoadGraphOptions,
  loadServiceGraph,
} from "./load_service_graph.ts";

/** Loads a window of all services of the caller's tenant. */
export function loadGraph(
  { bindings, ...asking }: Asking,
  { window, ranges }: AnswerPlan,
  options: LoadGraphOptions = {},
): Promise<LoadedGraph> {
  return loadServiceGraph(bindings, {
    ...options,
    ...asking,
    nowMs: window.nowMs,
    ranges,
  });
}
