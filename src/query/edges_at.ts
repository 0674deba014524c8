import { nodeId } from "../map/node_identity.ts";
import type { EdgeStats } from "../map/service_window.ts";
import type { ServiceGraph } from "./service_graph.ts";

interface EdgesByEnd {
  readonly from: ReadonlyMap<string, readonly EdgeStats[]>;
  readonly to: ReadonlyMap<string, readonly EdgeStats[]>;
}

// Many services are asked of one graph, which is never changed.
const known = new WeakMap<ServiceGraph, EdgesByEnd>();

/** The edges that leave a node, in the graph's order. */
export function edgesFrom(
  graph: ServiceGraph,
  id: string,
): readonly EdgeStats[] {
  return byEnd(graph).from.get(id) ?? [];
}

/** The edges that lead to a node, in the graph's order. */
export function edgesTo(graph: ServiceGraph, id: string): readonly EdgeStats[] {
  return byEnd(graph).to.get(id) ?? [];
}

function byEnd(graph: ServiceGraph): EdgesByEnd {
  const made = known.get(graph);
  if (made !== undefined) return made;
  const edges = [...graph.edges.values()];
  const ends = {
    from: Map.groupBy(edges, ({ key }) => nodeId(key.from)),
    to: Map.groupBy(edges, ({ key }) => nodeId(key.to)),
  };
  known.set(graph, ends);
  return ends;
}
