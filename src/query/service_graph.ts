import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import {
  type EdgeStats,
  emptyEdge,
  emptyWindow,
} from "../map/service_window.ts";
import { mergeEdge } from "../map/merge_window.ts";
import { nodeTraits } from "./node_traits.ts";
import { mergeActivities, type ServiceActivity } from "./service_activity.ts";
import type { SourceWindow } from "../history/source_window.ts";
import type { Mapping } from "../resources/mapping.ts";

/** A node, with all that its own spans and its edges tell of it. */
export interface GraphNode extends ServiceActivity {
  /** Whether spans of it counted; a database or `user` sends none. */
  readonly reported: boolean;
  /** Bits of `NodeTrait`. */
  readonly traits: number;
  /** Cloud resources that it runs on, the surest first. */
  readonly resources: readonly Mapping[];
  /** First seen in the window, ms since the epoch. */
  readonly firstSeenMs: number;
  /** Last seen in the window, ms since the epoch. */
  readonly lastSeenMs: number;
}

/** Windows of many services, put together. */
export interface ServiceGraph {
  /** By `nodeId`, in its order: who sent spans, though none may have counted. */
  readonly services: ReadonlyMap<string, ServiceActivity>;
  /** By `nodeId`, in its order. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** By `edgeId`, in its order; each has requests, and both ends in `nodes`. */
  readonly edges: ReadonlyMap<string, EdgeStats>;
}

/** What is known of the windows already. */
export interface ServiceGraphOptions {
  /** The very same requests in fewer windows. @default {windows} */
  readonly summed?: readonly SourceWindow[];
}

interface Seen {
  readonly identity: NodeIdentity;
  firstMs: number;
  lastMs: number;
}

const MS_PER_S = 1000;
const NOTHING = emptyWindow();

/**
 * Puts windows together, exactly: only counts, sums and sketches are added.
 * An edge whose requests were all corrected away is left out; a service
 * without any edge is a node all the same.
 *
 * @param windows In any order; no two of the same service may overlap.
 * @param nowMs The current window's end may be later: nothing is seen later.
 *
 * @example Two minutes of one edge
 * ```ts
 * import { virtualNode } from "../src/map/node_identity.ts";
 * import { emptyWindow } from "../src/map/service_window.ts";
 * import { edgeOf } from "../src/map/window_entries.ts";
 * import { buildServiceGraph } from "../src/query/service_graph.ts";
 *
 * const key = {
 *   from: virtualNode("web"), to: virtualNode("cart"), connectionType: "",
 *   system: "", destination: "",
 * } as const;
 * const windows = [0, 60].map((startS) => {
 *   const window = emptyWindow();
 *   edgeOf(window, key).latency.record(20e6, 1);
 *   return { service: key.from, resolution: 60, startS, window };
 * });
 * const graph = buildServiceGraph(windows, 120_000);
 * expect([...graph.nodes.keys()]).toEqual(["cart", "web"]);
 * expect([...graph.edges.values()][0]?.latency.count).toBe(2);
 * ```
 */
export function buildServiceGraph(
  windows: readonly SourceWindow[],
  nowMs: number,
  { summed = windows }: ServiceGraphOptions = {},
): ServiceGraph {
  // Float sums and full lists depend on the order in which windows are added.
  const ordered = inTime(windows);
  const orderedSums = summed === windows ? ordered : inTime(summed);
  const services = mergeActivities(orderedSums);
  const edges = mergeEdges(orderedSums);
  const seen = seenAtEdges(ordered, edges, nowMs);
  for (const [id, { identity, activity }] of services) {
    if (activity.lastSeenMs === 0) continue;
    const { firstSeenMs, lastSeenMs } = activity;
    seen.set(id, { identity, firstMs: firstSeenMs, lastMs: lastSeenMs });
  }
  const traits = nodeTraits(services, edges);
  const nodes = inOrder(seen).map(([id, at]): [string, GraphNode] => {
    const activity = services.get(id)?.activity ?? NOTHING;
    return [id, {
      id,
      identity: at.identity,
      activity,
      reported: activity.lastSeenMs > 0,
      traits: traits.get(id) ?? 0,
      resources: [],
      firstSeenMs: at.firstMs,
      lastSeenMs: at.lastMs,
    }];
  });
  return {
    services: new Map(inOrder(services)),
    nodes: new Map(nodes),
    edges: new Map(inOrder(edges)),
  };
}

function inTime(windows: readonly SourceWindow[]): SourceWindow[] {
  return windows.toSorted((a, b) => a.startS - b.startS);
}

function mergeEdges(windows: readonly SourceWindow[]): Map<string, EdgeStats> {
  const merged = sumEdges(windows);
  for (const [id, edge] of merged) {
    if (edge.latency.count <= 0) merged.delete(id);
  }
  return merged;
}

/**
 * The edges of some windows added up, those too whose requests were all
 * corrected away; by `edgeId`.
 *
 * @param windows In order of time.
 */
export function sumEdges(
  windows: readonly SourceWindow[],
): Map<string, EdgeStats> {
  const merged = new Map<string, EdgeStats>();
  for (const { window } of windows) {
    for (const [id, edge] of window.edges) {
      const known = merged.get(id) ?? emptyEdge(edge.key);
      merged.set(id, known);
      mergeEdge(known, edge);
    }
  }
  return merged;
}

/** Both ends of every kept edge, and the windows in which it had requests. */
function seenAtEdges(
  windows: readonly SourceWindow[],
  kept: ReadonlyMap<string, EdgeStats>,
  nowMs: number,
): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const { startS, resolution, window } of windows) {
    const firstMs = startS * MS_PER_S;
    const lastMs = Math.min((startS + resolution) * MS_PER_S, nowMs);
    for (const [id, { key, latency }] of window.edges) {
      if (latency.count <= 0 || !kept.has(id)) continue;
      for (const identity of [key.from, key.to]) {
        const node = nodeId(identity);
        const known = seen.get(node);
        seen.set(node, {
          identity,
          firstMs: Math.min(known?.firstMs ?? firstMs, firstMs),
          lastMs: Math.max(known?.lastMs ?? lastMs, lastMs),
        });
      }
    }
  }
  return seen;
}

function inOrder<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
}
