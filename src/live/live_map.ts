import { edgeId } from "../map/window_entries.ts";
import type { AnswerPlan } from "../query/answer_plan.ts";
import { windowFigures } from "../query/answer_window.ts";
import { withResources } from "../query/graph_resources.ts";
import { overflowWarnings } from "../query/overflow_warnings.ts";
import type { ServiceEdge } from "../query/service_edge.ts";
import {
  buildServiceGraph,
  type ServiceGraph,
} from "../query/service_graph.ts";
import {
  partAround,
  type ServiceMap,
  serviceMap,
} from "../query/service_map.ts";
import type { ServiceNode } from "../query/service_node.ts";
import type { LoadedMappings } from "../resources/load_mappings.ts";
import type { LiveSelection } from "./live_selection.ts";
import type { MapWindows } from "./live_windows.ts";

/** The map of now, from which each part of it is taken. */
export interface LiveMap {
  readonly graph: ServiceGraph;
  readonly plan: AnswerPlan;
  /** All of it. */
  readonly map: ServiceMap;
  /** By `nodeId`. */
  readonly nodes: ReadonlyMap<string, ServiceNode>;
  /** By `edgeId`. */
  readonly edges: ReadonlyMap<string, ServiceEdge>;
}

/** The map that `GET /api/v1/servicemap` would answer with now. */
export function liveMap(
  { minutes, summed }: MapWindows,
  { plan, resources }: {
    readonly plan: AnswerPlan;
    readonly resources: LoadedMappings;
  },
): LiveMap {
  const { window } = plan;
  const graph = withResources(
    buildServiceGraph(minutes, window.nowMs, { summed }),
    resources,
  );
  const map = serviceMap(graph, {}, window);
  const nodes = new Map(map.nodes.map((node) => [node.id, node]));
  const ids = [...graph.edges.values()].map(({ key }) => edgeId(key));
  const edges = new Map(map.edges.map((edge, at) => [ids[at] ?? "", edge]));
  return { graph, plan, map, nodes, edges };
}

/**
 * The part of the map that is asked for: a node's figures do not depend on how
 * much of the map around it is shown.
 */
export function selectedMap(
  { graph, plan, map, nodes, edges }: LiveMap,
  selection: LiveSelection,
): ServiceMap {
  if (selection.service === undefined) return map;
  const shown = partAround(graph, selection);
  return {
    nodes: among(nodes, shown.nodes.keys()),
    edges: among(edges, shown.edges.keys()),
    ...windowFigures(plan.window, overflowWarnings(shown.nodes.values())),
  };
}

function among<T>(all: ReadonlyMap<string, T>, ids: Iterable<string>): T[] {
  return Array.from(ids, (id) => all.get(id))
    .filter((entry) => entry !== undefined);
}
