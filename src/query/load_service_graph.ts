import type { Bindings } from "../bindings.ts";
import { listServices } from "../directory/list_services.ts";
import { loadWindows } from "../history/load_windows.ts";
import type { SourceWindow } from "../history/source_window.ts";
import type { WindowRange } from "../history/window_range.ts";
import type { NodeIdentity } from "../map/node_identity.ts";
import {
  type LoadedMappings,
  loadMappings,
} from "../resources/load_mappings.ts";
import type { GraphAsked } from "../resources/load_resource_graph.ts";
import { withResources } from "./graph_resources.ts";
import { buildServiceGraph, type ServiceGraph } from "./service_graph.ts";

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

/** Whose graph, of which windows. */
export interface ServiceGraphAsked extends GraphAsked, LoadGraphOptions {
  readonly ranges: readonly WindowRange[];
}

/**
 * Loads a window of all services: an edge is kept by the service it leaves,
 * so what calls a service is known only from all.
 *
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function loadServiceGraph(
  bindings: Pick<Bindings, "SERVICE_AGGREGATE" | "DIRECTORY" | "DB">,
  asked: ServiceGraphAsked,
): Promise<LoadedGraph> {
  const { tenant, ranges, detailed: detailedName, nowMs } = asked;
  const known = await listServices(bindings, tenant);
  function load(operations: boolean): Promise<SourceWindow[]> {
    const services = known.filter(({ name }) =>
      (name === detailedName) === operations
    );
    return loadWindows(bindings, { tenant, services, ranges, operations });
  }
  const [detailed, others, resources] = await Promise.all([
    load(true),
    load(false),
    loadMappings(bindings, asked),
  ]);
  const windows = [...detailed, ...others];
  const graph = withResources(buildServiceGraph(windows, nowMs), resources);
  return { known, windows, graph, resources };
}
