import * as z from "zod/mini";
import { nodeType } from "../map/node_type.ts";
import { nodeTypeField, timeField, windowFields } from "./answer_fields.ts";
import { type AnswerWindow, windowFigures } from "./answer_window.ts";
import { matchesFilter, type NodeFilter } from "./filter_graph.ts";
import { servedRequests } from "./node_requests.ts";
import { overflowWarnings } from "./overflow_warnings.ts";
import { nodeParameters, rangeParameters } from "./parameters.ts";
import type { GraphNode, ServiceGraph } from "./service_graph.ts";
import { serviceNode } from "./service_node.ts";
import { serviceStats, serviceStatsFields } from "./service_stats.ts";

/** Parameters of `GET /api/v1/services`. */
export const serviceListParameters = z.object({
  ...rangeParameters,
  ...nodeParameters,
});

/** A service and how it did. */
export const listedServiceSchema = z.strictObject({
  ...serviceStatsFields,
  id: z.string(),
  namespace: z.string(),
  environment: z.string(),
  type: nodeTypeField,
  resource_ids: z.array(z.string()).check(
    z.describe("AirDig's ids of the cloud resources it runs on."),
  ),
  first_seen: timeField,
  last_seen: timeField,
}).register(z.globalRegistry, { id: "ServiceStats" });

/** Answer to `GET /api/v1/services`. */
export const serviceListSchema = z.strictObject({
  services: z.array(listedServiceSchema).check(z.describe("By `id`.")),
  count: z.int(),
  ...windowFields,
}).register(z.globalRegistry, { id: "ServiceList" });

/** The services that sent spans in a window. */
export type ServiceList = z.infer<typeof serviceListSchema>;

/** Every service that sent spans in the window, and how it did. */
export function serviceList(
  graph: ServiceGraph,
  filter: NodeFilter,
  window: AnswerWindow,
): ServiceList {
  const nodes = [...graph.nodes.values()].filter((node) =>
    node.reported && matchesFilter(node.identity, filter)
  );
  return {
    services: nodes.map((node) => listedService(node, window)),
    count: nodes.length,
    ...windowFigures(window, overflowWarnings(nodes)),
  };
}

/** A node that sent spans, as it is listed. */
export function listedService(
  node: GraphNode,
  window: AnswerWindow,
): z.infer<typeof listedServiceSchema> {
  const requests = servedRequests(node);
  const { first_seen, last_seen } = serviceNode(node, requests, window);
  return {
    ...serviceStats(node.identity.name, requests, window),
    id: node.id,
    namespace: node.identity.namespace,
    environment: node.identity.environment,
    type: nodeType(node.traits),
    resource_ids: node.resources.map((mapping) => mapping.resourceId),
    first_seen,
    last_seen,
  };
}
