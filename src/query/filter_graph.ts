import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import type { ServiceGraph } from "./service_graph.ts";

/** Which services a graph is about; what is left out takes all. */
export interface NodeFilter {
  readonly namespace?: string | undefined;
  readonly environment?: string | undefined;
}

/** Whether a node is in the namespace and environment asked for. */
export function matchesFilter(node: NodeIdentity, filter: NodeFilter): boolean {
  return (filter.namespace === undefined ||
    filter.namespace === node.namespace) &&
    (filter.environment === undefined ||
      filter.environment === node.environment);
}

/**
 * The part of a graph around the nodes that match: they, the edges that begin
 * or end at one of them, and those edges' other ends. A database or `user`
 * has neither namespace nor environment, and is there as such an end.
 */
export function filterGraph(
  graph: ServiceGraph,
  filter: NodeFilter,
): ServiceGraph {
  if (filter.namespace === undefined && filter.environment === undefined) {
    return graph;
  }
  const edges = [...graph.edges].filter(([, { key }]) =>
    matchesFilter(key.from, filter) || matchesFilter(key.to, filter)
  );
  const ends = new Set(
    edges.flatMap(([, { key }]) => [nodeId(key.from), nodeId(key.to)]),
  );
  const nodes = [...graph.nodes].filter(([id, node]) =>
    ends.has(id) || matchesFilter(node.identity, filter)
  );
  return { ...graph, nodes: new Map(nodes), edges: new Map(edges) };
}
