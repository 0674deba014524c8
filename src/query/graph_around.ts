import { nodeId } from "../map/node_identity.ts";
import type { EdgeStats } from "../map/service_window.ts";
import type { ServiceGraph } from "./service_graph.ts";

/** Up to the callers, down to the called, or both ways. */
export type Direction = "up" | "down" | "both";

/** How far a part of a graph reaches. */
export interface AroundOptions {
  /** Calls away from the start: 1 or more. */
  readonly depth: number;
  readonly direction: Direction;
}

/**
 * The part of a graph that some nodes reach: every edge of a path of at most
 * `depth` calls that begins at one of them (`down`), ends at one of them
 * (`up`), or either (`both`: callers of the called are in neither).
 *
 * @param start Node ids.
 */
export function graphAround(
  graph: ServiceGraph,
  start: readonly string[],
  options: AroundOptions,
): ServiceGraph {
  const edges = new Set<string>();
  if (options.direction !== "up") {
    collect(graph, edges, { start, depth: options.depth, down: true });
  }
  if (options.direction !== "down") {
    collect(graph, edges, { start, depth: options.depth, down: false });
  }
  const kept = [...graph.edges].filter(([id]) => edges.has(id));
  const ends = new Set(start);
  for (const [, { key }] of kept) {
    ends.add(nodeId(key.from)).add(nodeId(key.to));
  }
  const nodes = [...graph.nodes].filter(([id]) => ends.has(id));
  return { ...graph, nodes: new Map(nodes), edges: new Map(kept) };
}

interface Walk {
  readonly start: readonly string[];
  readonly depth: number;
  readonly down: boolean;
}

function collect(graph: ServiceGraph, into: Set<string>, walk: Walk): void {
  const leaving = edgesByEnd(graph, walk.down);
  const reached = new Set(walk.start);
  let frontier = walk.start;
  for (let left = walk.depth; left > 0 && frontier.length > 0; left--) {
    const next: string[] = [];
    for (const node of frontier) {
      for (const [id, { key }] of leaving.get(node) ?? []) {
        into.add(id);
        const end = nodeId(walk.down ? key.to : key.from);
        if (reached.has(end)) continue;
        reached.add(end);
        next.push(end);
      }
    }
    frontier = next;
  }
}

function edgesByEnd(
  graph: ServiceGraph,
  down: boolean,
): Map<string, [string, EdgeStats][]> {
  const byEnd = new Map<string, [string, EdgeStats][]>();
  for (const entry of graph.edges) {
    const { key } = entry[1];
    const end = nodeId(down ? key.from : key.to);
    const known = byEnd.get(end);
    if (known === undefined) byEnd.set(end, [entry]);
    else known.push(entry);
  }
  return byEnd;
}
