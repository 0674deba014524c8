import * as z from "zod/mini";
import type { ParameterProblem } from "../http/http_problem.ts";
import { windowFields } from "./answer_fields.ts";
import { type AnswerWindow, windowFigures } from "./answer_window.ts";
import { filterGraph, matchesFilter, type NodeFilter } from "./filter_graph.ts";
import { type Direction, graphAround } from "./graph_around.ts";
import { nodeRequests, noRequests } from "./node_requests.ts";
import { overflowWarnings } from "./overflow_warnings.ts";
import {
  depthParameter,
  directionParameter,
  nameParameter,
  nodeParameters,
  rangeParameters,
} from "./parameters.ts";
import { serviceEdge, serviceEdgeSchema } from "./service_edge.ts";
import { serviceNode, serviceNodeSchema } from "./service_node.ts";
import type { ServiceGraph } from "./service_graph.ts";

/** How far the map around a service reaches where nothing is said. */
export const DEFAULT_DEPTH = 1;

/** Parameters of `GET /api/v1/servicemap`. */
export const serviceMapParameters = z.object({
  ...rangeParameters,
  ...nodeParameters,
  service: z.optional(nameParameter),
  depth: z.optional(depthParameter),
  direction: z.optional(directionParameter),
});

/** Answer to `GET /api/v1/servicemap`. */
export const serviceMapSchema = z.strictObject({
  nodes: z.array(serviceNodeSchema).check(z.describe("By `id`.")),
  edges: z.array(serviceEdgeSchema).check(
    z.describe("By `from_id`, `to_id`, type and messaging."),
  ),
  ...windowFields,
}).register(z.globalRegistry, { id: "ServiceMap" });

/** The service map. */
export type ServiceMap = z.infer<typeof serviceMapSchema>;

/** Which part of the map is asked for; what is left out takes all. */
export interface MapSelection extends NodeFilter {
  /** The name of a node: the part around it. */
  readonly service?: string | undefined;
  /** Calls away from `service`. @default {1} */
  readonly depth?: number | undefined;
  /** @default {"both"} */
  readonly direction?: Direction | undefined;
}

/** What cannot be asked for together. */
export function selectionProblems(
  { service, depth, direction }: MapSelection,
): ParameterProblem[] {
  if (service !== undefined) return [];
  const problem = "needs `service`, the node that the map is drawn around";
  return [
    ...(depth === undefined
      ? []
      : [{ parameter: "depth", value: String(depth), problem }]),
    ...(direction === undefined
      ? []
      : [{ parameter: "direction", value: direction, problem }]),
  ];
}

/**
 * The service map, or the part that is asked for. A node's own figures do not
 * depend on how much of the map around it is shown.
 */
export function serviceMap(
  graph: ServiceGraph,
  selection: MapSelection,
  window: AnswerWindow,
): ServiceMap {
  const filtered = filterGraph(graph, selection);
  const shown = partAround(filtered, selection);
  const requests = nodeRequests(filtered);
  return {
    nodes: [...shown.nodes.values()].map((node) =>
      serviceNode(node, requests.get(node.id) ?? noRequests(), window)
    ),
    edges: [...shown.edges.values()].map((edge) => serviceEdge(edge, window)),
    ...windowFigures(window, overflowWarnings(shown.nodes.values())),
  };
}

/** The part of a graph around the service that is asked for; all without one. */
export function partAround(
  graph: ServiceGraph,
  selection: MapSelection,
): ServiceGraph {
  const { service, depth = DEFAULT_DEPTH, direction = "both" } = selection;
  if (service === undefined) return graph;
  const named = [...graph.nodes.values()]
    .filter((node) => node.identity.name === service);
  // Of two services of one name, the one of the namespace asked for is meant,
  // though the other may be on the map as what it calls.
  const meant = named.filter((node) => matchesFilter(node.identity, selection));
  const start = (meant.length > 0 ? meant : named).map((node) => node.id);
  return graphAround(graph, start, { depth, direction });
}
