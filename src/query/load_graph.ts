import type { Context } from "hono";
import { listServices } from "../directory/list_services.ts";
import { loadWindows } from "../history/load_windows.ts";
import type { AppEnv } from "../http/app_env.ts";
import type { NodeIdentity } from "../map/node_identity.ts";
import type { AnswerPlan } from "./answer_plan.ts";
import { buildServiceGraph, type ServiceGraph } from "./service_graph.ts";
import {
  type LoadedMappings,
  loadMappings,
} from "../resources/load_mappings.ts";
import { withResources } from "./graph_resources.ts";
import type { SourceWindow } from "../history/source_window.ts";

/** What an answer about a window is made from. */
export interface LoadedGraph {
  /** All services of the tenant, whether or not they sent spans. */
  readonly known: readonly NodeIdentity[];
  readonly windows: readonly SourceWindow[];
  /** Its nodes name their resources. */
  readonly graph: ServiceGraph;
  readonly resources: LoadedMappings;
}

/** What else is loaded. */
export interface LoadGraphOptions {
  /** The service whose operations are loaded too. @default {none} */
  readonly detailed?: string;
}

/**
 * Loads a window of all services: an edge is kept by the service it leaves,
 * so what calls a service is known only from all.
 */
export async function loadGraph(
  context: Context<AppEnv>,
  { window, ranges }: AnswerPlan,
  options: LoadGraphOptions = {},
): Promise<LoadedGraph> {
  const tenant = context.get("caller").tenant;
  const known = await listServices(context.env, tenant);
  function load(operations: boolean): Promise<SourceWindow[]> {
    const services = known.filter(({ name }) =>
      (name === options.detailed) === operations
    );
    const request = { tenant, services, ranges, operations };
    return loadWindows(context.env, request);
  }
  const [detailed, others, resources] = await Promise.all([
    load(true),
    load(false),
    loadMappings(context.env, {
      tenant,
      settings: context.get("settings"),
      nowMs: window.nowMs,
      waitUntil: (promise) => context.executionCtx.waitUntil(promise),
    }),
  ]);
  const windows = [...detailed, ...others];
  const graph = withResources(
    buildServiceGraph(windows, window.nowMs),
    resources,
  );
  return { known, windows, graph, resources };
}
