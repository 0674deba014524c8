import * as z from "zod/mini";
import { nodeId } from "../map/node_identity.ts";
import type { EdgeStats } from "../map/service_window.ts";
import { nodeType } from "../map/node_type.ts";
import { MAX_ENDPOINTS_PER_SERVICE } from "../map/window_entries.ts";
import { nodeTypeField, windowFields } from "./answer_fields.ts";
import { type AnswerWindow, windowFigures } from "./answer_window.ts";
import { edgesFrom, edgesTo } from "./edges_at.ts";
import { diagnostics, serviceDiagnosticsSchema } from "./diagnostics.ts";
import { matchesFilter, type NodeFilter } from "./filter_graph.ts";
import { addRequests, nodeRequests, noRequests } from "./node_requests.ts";
import { overflowWarnings } from "./overflow_warnings.ts";
import { nodeParameters, rangeParameters } from "./parameters.ts";
import {
  mappingAnswer,
  mappingAnswerSchema,
} from "../resources/mapping_answer.ts";
import { serviceEdge, serviceEdgeSchema } from "./service_edge.ts";
import type { GraphNode, ServiceGraph } from "./service_graph.ts";
import {
  MAX_OPERATIONS_LISTED,
  mergeOperations,
  serviceOperation,
  serviceOperationSchema,
} from "./service_operations.ts";
import { serviceStats, serviceStatsFields } from "./service_stats.ts";
import type { SourceWindow } from "../history/source_window.ts";

/** Parameters of `GET /api/v1/services/{name}`. */
export const serviceDetailParameters = z.object({
  ...rangeParameters,
  ...nodeParameters,
});

/** Answer to `GET /api/v1/services/{name}`. */
export const serviceDetailSchema = z.strictObject({
  ...serviceStatsFields,
  type: nodeTypeField,
  nodes: z.array(z.strictObject({
    id: z.string(),
    namespace: z.string(),
    environment: z.string(),
    type: nodeTypeField,
  })).check(
    z.describe(
      "The nodes that share the name; the figures are of all together.",
    ),
  ),
  operations: z.array(serviceOperationSchema).check(
    z.describe("The most frequent first."),
  ),
  endpoints: z.array(z.string()),
  callers: z.array(serviceEdgeSchema).check(
    z.describe("Edges that lead here."),
  ),
  callees: z.array(serviceEdgeSchema).check(
    z.describe("Edges that lead from here."),
  ),
  resources: z.array(mappingAnswerSchema).check(
    z.describe(
      "Cloud resources that it runs on, the surest of each node first.",
    ),
  ),
  diagnostics: z.array(serviceDiagnosticsSchema).check(
    z.describe("By `id`; one for each node that sent spans."),
  ),
  ...windowFields,
}).register(z.globalRegistry, { id: "ServiceDetail" });

/** All about one service. */
export type ServiceDetail = z.infer<typeof serviceDetailSchema>;

/** What a service's page is made from. */
export interface ServiceDetailSource {
  readonly graph: ServiceGraph;
  /** Windows with operations; other services' are not looked at. */
  readonly windows: readonly SourceWindow[];
  readonly window: AnswerWindow;
}

/**
 * All about the nodes of one name: services that share it are put together,
 * exactly. A name without anything in the window has figures of 0.
 */
export function serviceDetail(
  name: string,
  filter: NodeFilter,
  { graph, windows, window }: ServiceDetailSource,
): ServiceDetail {
  const nodes = nodesNamed(graph, name, filter);
  const ids = new Set(nodes.map((node) => node.id));
  const byNode = nodeRequests(graph);
  const requests = noRequests();
  for (const id of ids) addRequests(requests, byNode.get(id) ?? noRequests());
  const operations = mergeOperations(
    windows.filter(({ service }) => ids.has(nodeId(service))),
  );
  return {
    ...serviceStats(name, requests, window),
    type: nodeType(nodes.reduce((traits, node) => traits | node.traits, 0)),
    nodes: nodes.map(nodeSummary),
    operations: operations.slice(0, MAX_OPERATIONS_LISTED)
      .map((operation) => serviceOperation(name, operation, window)),
    endpoints: endpointsOf(nodes),
    callers: edgesAmong(graph, nodes.flatMap(({ id }) => edgesTo(graph, id)))
      .map((edge) => serviceEdge(edge, window)),
    callees: edgesAmong(graph, nodes.flatMap(({ id }) => edgesFrom(graph, id)))
      .map((edge) => serviceEdge(edge, window)),
    resources: nodes.flatMap((node) => node.resources)
      .map((mapping) => mappingAnswer(mapping)),
    diagnostics: diagnostics(graph, { ...filter, service: name }, window)
      .services,
    ...windowFigures(window, [
      ...silence(name, nodes),
      ...overflowWarnings(nodes),
      ...unlisted(operations.length),
    ]),
  };
}

/** The nodes of a name, in the namespace and environment asked for. */
export function nodesNamed(
  graph: ServiceGraph,
  name: string,
  filter: NodeFilter,
): GraphNode[] {
  return [...graph.nodes.values()].filter(({ identity }) =>
    identity.name === name && matchesFilter(identity, filter)
  );
}

/** In the graph's order, though several nodes have them. */
function edgesAmong(
  graph: ServiceGraph,
  edges: readonly EdgeStats[],
): readonly EdgeStats[] {
  if (edges.length < 2) return edges;
  const wanted = new Set(edges);
  return [...graph.edges.values()].filter((edge) => wanted.has(edge));
}

function nodeSummary(node: GraphNode): ServiceDetail["nodes"][number] {
  return {
    id: node.id,
    namespace: node.identity.namespace,
    environment: node.identity.environment,
    type: nodeType(node.traits),
  };
}

function endpointsOf(nodes: readonly GraphNode[]): string[] {
  const endpoints = nodes.flatMap((node) => [...node.activity.endpoints]);
  return [...new Set(endpoints)].sort().slice(0, MAX_ENDPOINTS_PER_SERVICE);
}

function silence(name: string, nodes: readonly GraphNode[]): string[] {
  return nodes.length > 0 ? [] : [`${name} sent no spans in this window`];
}

function unlisted(operations: number): string[] {
  if (operations <= MAX_OPERATIONS_LISTED) return [];
  return [
    `Of ${operations} operations the ${MAX_OPERATIONS_LISTED} most frequent ` +
    "are listed",
  ];
}
