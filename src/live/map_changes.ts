import type { ServiceEdge } from "../query/service_edge.ts";
import type { ServiceMap } from "../query/service_map.ts";
import type { ServiceNode } from "../query/service_node.ts";
import type { AnsweredEdgeKey, MapChanges } from "./live_event.ts";

/**
 * What is different between two answers about the map; null where nothing is.
 * What moves with the clock alone is no difference: the window's bounds, hence
 * the rates, and when a node was first and last seen.
 */
export function mapChanges(
  before: ServiceMap,
  after: ServiceMap,
): MapChanges | null {
  const nodes = changedNodes(before.nodes, after.nodes);
  const edges = changedEdges(before.edges, after.edges);
  const sameWarnings = before.warnings.length === after.warnings.length &&
    before.warnings.every((text, at) => text === after.warnings[at]);
  const lists = [...Object.values(nodes), ...Object.values(edges)];
  if (sameWarnings && lists.every((list) => list.length === 0)) return null;
  const { window_start, window_end, timestamp, warnings } = after;
  return { ...nodes, ...edges, window_start, window_end, timestamp, warnings };
}

function changedNodes(
  before: readonly ServiceNode[],
  after: readonly ServiceNode[],
): Pick<MapChanges, "nodes" | "removed_nodes"> {
  const known = new Map(before.map((node) => [node.id, node]));
  const nodes = after.filter((node) => {
    const same = known.get(node.id);
    known.delete(node.id);
    return same === undefined || nodeContent(same) !== nodeContent(node);
  });
  return { nodes, removed_nodes: [...known.keys()] };
}

function changedEdges(
  before: readonly ServiceEdge[],
  after: readonly ServiceEdge[],
): Pick<MapChanges, "edges" | "removed_edges"> {
  const known = Map.groupBy(before, edgeKeyText);
  const edges: ServiceEdge[] = [];
  // Two databases of one name and different systems look the same: they change
  // together.
  for (const [key, now] of Map.groupBy(after, edgeKeyText)) {
    const then = known.get(key) ?? [];
    known.delete(key);
    const isSame = then.length === now.length &&
      now.every((edge, at) => sameEdge(then[at], edge));
    if (!isSame) edges.push(...now);
  }
  const removed = [...known.values()].flatMap(([edge]) =>
    edge === undefined ? [] : [edgeKey(edge)]
  );
  return { edges, removed_edges: removed };
}

function sameEdge(a: ServiceEdge | undefined, b: ServiceEdge): boolean {
  // The count tells most of those that changed from the others.
  return a !== undefined && a.request_count === b.request_count &&
    edgeContent(a) === edgeContent(b);
}

/** What tells an edge from the others of a map. */
export function edgeKey(
  { from_id, to_id, connection_type, messaging }: ServiceEdge,
): AnsweredEdgeKey {
  return {
    from_id,
    to_id,
    connection_type,
    ...(messaging !== undefined && {
      messaging: {
        system: messaging.system,
        destination: messaging.destination,
      },
    }),
  };
}

/** `edgeKey` as one string. */
export function edgeKeyText(
  { from_id, to_id, connection_type, messaging }: AnsweredEdgeKey,
): string {
  const parts = [from_id, to_id, connection_type];
  if (messaging !== undefined) {
    parts.push(messaging.system, messaging.destination);
  }
  return JSON.stringify(parts);
}

function edgeContent(edge: ServiceEdge): string {
  const {
    window_start: _start,
    window_end: _end,
    request_rate: _rate,
    ...own
  } = edge;
  return JSON.stringify(own);
}

function nodeContent(node: ServiceNode): string {
  const { first_seen: _first, last_seen: _last, metadata, ...own } = node;
  const { request_rate: _rate, ...figures } = metadata;
  return JSON.stringify([own, figures]);
}
