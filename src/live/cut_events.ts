import type { ServiceMap } from "../query/service_map.ts";
import type { LiveEvent, MapChanges } from "./live_event.ts";
import { MAX_EVENT_ENTRIES } from "./live_limits.ts";

/**
 * A map as events: `MAX_EVENT_ENTRIES` nodes and edges in each; what is beyond
 * follows the map as changes of it.
 */
export function mapEvents(map: ServiceMap): LiveEvent[] {
  const { nodes, edges, ...window } = map;
  const [first, ...rest] = cut({
    nodes,
    edges,
    removed_nodes: [],
    removed_edges: [],
    ...window,
  });
  return [
    {
      event: "map",
      data: { nodes: first?.nodes ?? [], edges: first?.edges ?? [], ...window },
    },
    ...rest.map((data): LiveEvent => ({ event: "edges", data })),
  ];
}

/** Changes as events, `MAX_EVENT_ENTRIES` nodes and edges in each. */
export function changeEvents(changes: MapChanges): LiveEvent[] {
  return cut(changes).map((data) => ({ event: "edges", data }));
}

/** Nodes first: an edge's ends are known before it. Removed edges go first. */
function cut(changes: MapChanges): MapChanges[] {
  const parts: MapChanges[] = [];
  let left = changes;
  do {
    const removed_edges = left.removed_edges.slice(0, MAX_EVENT_ENTRIES);
    let room = MAX_EVENT_ENTRIES - removed_edges.length;
    const removed_nodes = left.removed_nodes.slice(0, room);
    room -= removed_nodes.length;
    const nodes = left.nodes.slice(0, room);
    room -= nodes.length;
    const edges = left.edges.slice(0, room);
    parts.push({ ...left, removed_edges, removed_nodes, nodes, edges });
    left = {
      ...left,
      removed_edges: left.removed_edges.slice(removed_edges.length),
      removed_nodes: left.removed_nodes.slice(removed_nodes.length),
      nodes: left.nodes.slice(nodes.length),
      edges: left.edges.slice(edges.length),
    };
  } while (
    left.removed_edges.length + left.removed_nodes.length +
        left.nodes.length + left.edges.length > 0
  );
  return parts;
}
