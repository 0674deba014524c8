import { Histogram } from "../map/histogram.ts";
import { nodeId } from "../map/node_identity.ts";
import type { RequestStats } from "../map/service_window.ts";
import type { GraphNode, ServiceGraph } from "./service_graph.ts";

// Many services are asked of one graph, which is never changed.
const worked = new WeakMap<ServiceGraph, ReadonlyMap<string, RequestStats>>();

/**
 * The requests that each node is measured by, by node id: those it served; of
 * a service that serves nothing (a page, a timed job) the work it began; of a
 * node that sends no spans the requests made to it, of `user` those it made.
 */
export function nodeRequests(
  graph: ServiceGraph,
): ReadonlyMap<string, RequestStats> {
  const before = worked.get(graph);
  if (before !== undefined) return before;
  const requests = requestsOfNodes(graph);
  worked.set(graph, requests);
  return requests;
}

function requestsOfNodes(graph: ServiceGraph): Map<string, RequestStats> {
  const made = new Map<string, RequestStats>();
  const taken = new Map<string, RequestStats>();
  function isSilent(id: string): boolean {
    return graph.nodes.get(id)?.reported !== true;
  }
  for (const { key, failed, latency } of graph.edges.values()) {
    const [from, to] = [nodeId(key.from), nodeId(key.to)];
    if (isSilent(from)) add(made, from, { failed, duration: latency });
    if (isSilent(to)) add(taken, to, { failed, duration: latency });
  }
  return new Map(
    [...graph.nodes.values()].map((node) => [
      node.id,
      node.reported
        ? servedRequests(node)
        : taken.get(node.id) ?? made.get(node.id) ?? noRequests(),
    ]),
  );
}

/** The requests that a service served, else the work that it began. */
export function servedRequests({ activity }: GraphNode): RequestStats {
  return activity.entries.duration.count > 0
    ? activity.entries
    : activity.roots;
}

/** No requests yet. */
export function noRequests(): RequestStats {
  return { failed: 0, duration: new Histogram() };
}

/** Adds requests to others, exactly. */
export function addRequests(
  into: RequestStats,
  { failed, duration }: RequestStats,
): void {
  into.failed += failed;
  into.duration.merge(duration);
}

function add(
  byNode: Map<string, RequestStats>,
  id: string,
  requests: RequestStats,
): void {
  const known = byNode.get(id) ?? noRequests();
  byNode.set(id, known);
  addRequests(known, requests);
}
