import { matchAddresses } from "../resources/match_addresses.ts";
import type { GraphIndex } from "../resources/graph_index.ts";
import type { Mapping } from "../resources/mapping.ts";
import type { GraphNode, ServiceGraph } from "./service_graph.ts";

/**
 * A graph whose nodes name the resources that they run on, the surest first:
 * services by their spans, what they call by its address.
 *
 * @param mappings What spans told, of each service the surest first.
 */
export function withResources(
  graph: ServiceGraph,
  { mappings, index }: {
    readonly mappings: readonly Mapping[];
    readonly index: GraphIndex;
  },
): ServiceGraph {
  const peers = [...graph.nodes.values()].filter(({ reported }) => !reported)
    .map(({ id, identity, firstSeenMs, lastSeenMs }) => ({
      id,
      name: identity.name,
      firstSeenMs,
      lastSeenMs,
    }));
  const byService = Map.groupBy(
    [...mappings, ...matchAddresses(peers, index)],
    ({ service }) => service,
  );
  const nodes = Array.from(graph.nodes, ([id, node]): [string, GraphNode] => {
    const resources = byService.get(id);
    return [id, resources === undefined ? node : { ...node, resources }];
  });
  return { ...graph, nodes: new Map(nodes) };
}
