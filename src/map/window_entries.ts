import { Histogram } from "./histogram.ts";
import { nodeId, virtualNode } from "./node_identity.ts";
import {
  type EdgeKey,
  type EdgeStats,
  emptyEdge,
  type OperationStats,
  type ServiceWindow,
} from "./service_window.ts";

/** Distinct edges that one service keeps in one window. */
export const MAX_EDGES_PER_SERVICE = 1000;
/**
 * Edges to `__overflow__` that one service keeps beyond its edges, by where
 * they come from: whoever calls it is named by the callers.
 */
export const MAX_OVERFLOW_EDGES = 10;
/** Distinct operations (name, kind, status) one service keeps in one window. */
export const MAX_OPERATIONS_PER_SERVICE = 1000;
/** HTTP endpoints that one service lists. */
export const MAX_ENDPOINTS_PER_SERVICE = 100;
/** The name that what is beyond a limit is counted under. */
export const OVERFLOW_NAME = "__overflow__";

/** One string for an edge. */
export function edgeId(key: EdgeKey): string {
  // The length tells where the system ends: both are the sender's own text.
  return `${nodeId(key.from)}\n${nodeId(key.to)}\n${key.connectionType}\n` +
    `${key.system.length}\n${key.system}${key.destination}`;
}

/** One string for an operation. */
export function operationId(
  operation: Pick<OperationStats, "name" | "kind" | "status">,
): string {
  return `${operation.kind}${operation.status}${operation.name}`;
}

/**
 * The edge of a window, made where it is new. Beyond
 * `MAX_EDGES_PER_SERVICE` it is the edge to `__overflow__`, beyond
 * `MAX_OVERFLOW_EDGES` of them the one from `__overflow__` to itself.
 */
export function edgeOf(window: ServiceWindow, key: EdgeKey): EdgeStats {
  const id = edgeId(key);
  const known = window.edges.get(id);
  if (known !== undefined) return known;
  const folded = foldedKey(window.edges.size, key);
  if (edgeId(folded) !== id) {
    if (key.to.name !== OVERFLOW_NAME) window.counters.overflowedEdges++;
    return edgeOf(window, folded);
  }
  const stats = emptyEdge(key);
  window.edges.set(id, stats);
  return stats;
}

/** What a new edge is counted as in a window of so many edges. */
function foldedKey(edges: number, key: EdgeKey): EdgeKey {
  if (edges < MAX_EDGES_PER_SERVICE) return key;
  const overflow = virtualNode(OVERFLOW_NAME);
  const full = edges >= MAX_EDGES_PER_SERVICE + MAX_OVERFLOW_EDGES;
  return {
    from: full ? overflow : key.from,
    to: overflow,
    connectionType: "virtual_node",
    system: "",
    destination: "",
  };
}

/**
 * The operation of a window, made where it is new. Beyond
 * `MAX_OPERATIONS_PER_SERVICE` it is the operation `__overflow__` of the same
 * kind and status.
 */
export function operationOf(
  window: ServiceWindow,
  operation: Pick<OperationStats, "name" | "kind" | "status">,
): OperationStats {
  const id = operationId(operation);
  const known = window.operations.get(id);
  if (known !== undefined) return known;
  const full = window.operations.size >= MAX_OPERATIONS_PER_SERVICE;
  if (full && operation.name !== OVERFLOW_NAME) {
    window.counters.overflowedOperations++;
    return operationOf(window, { ...operation, name: OVERFLOW_NAME });
  }
  const stats: OperationStats = {
    name: operation.name,
    kind: operation.kind,
    status: operation.status,
    duration: new Histogram(),
    samples: [],
  };
  window.operations.set(id, stats);
  return stats;
}

/**
 * Remembers an endpoint, up to `MAX_ENDPOINTS_PER_SERVICE`; counts those
 * beyond.
 */
export function addEndpoint(window: ServiceWindow, endpoint: string): void {
  const full = window.endpoints.size >= MAX_ENDPOINTS_PER_SERVICE;
  if (!full) window.endpoints.add(endpoint);
  else if (!window.endpoints.has(endpoint)) window.counters.droppedEndpoints++;
}
