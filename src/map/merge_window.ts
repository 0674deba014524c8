import { keepSample } from "./sample.ts";
import {
  type EdgeStats,
  type RequestStats,
  type ServiceWindow,
  SPAN_COUNTERS,
} from "./service_window.ts";
import { addEndpoint, edgeOf, operationOf } from "./window_entries.ts";

/**
 * Adds all of `other` to `window`.
 *
 * @example
 * ```ts
 * import { mergeWindow } from "../src/map/merge_window.ts";
 * import { emptyWindow } from "../src/map/service_window.ts";
 * import { edgeOf } from "../src/map/window_entries.ts";
 * import { virtualNode } from "../src/map/node_identity.ts";
 *
 * const key = {
 *   from: virtualNode("web"), to: virtualNode("cart"), connectionType: "",
 *   system: "", destination: "",
 * } as const;
 * const hour = emptyWindow();
 * for (const ms of [10, 20]) {
 *   const minute = emptyWindow();
 *   edgeOf(minute, key).latency.record(ms * 1e6, 1);
 *   mergeWindow(hour, minute);
 * }
 * expect(edgeOf(hour, key).latency.count).toBe(2);
 * ```
 */
export function mergeWindow(window: ServiceWindow, other: ServiceWindow): void {
  for (const edge of other.edges.values()) {
    mergeEdge(edgeOf(window, edge.key), edge);
  }
  for (const operation of other.operations.values()) {
    const into = operationOf(window, operation);
    into.duration.merge(operation.duration);
    for (const sample of operation.samples) keepSample(into.samples, sample);
  }
  mergeRequests(window.entries, other.entries);
  mergeRequests(window.roots, other.roots);
  for (const name of SPAN_COUNTERS) {
    window.counters[name] += other.counters[name];
  }
  window.traits |= other.traits;
  for (const endpoint of other.endpoints) addEndpoint(window, endpoint);
  window.firstSeenMs = Math.min(window.firstSeenMs, other.firstSeenMs);
  window.lastSeenMs = Math.max(window.lastSeenMs, other.lastSeenMs);
}

/** Adds all of `other` to `edge`, whatever their keys. */
export function mergeEdge(edge: EdgeStats, other: EdgeStats): void {
  edge.failed += other.failed;
  edge.latency.merge(other.latency);
  edge.client.merge(other.client);
  edge.queue.merge(other.queue);
  edge.skewedQueueTimes += other.skewedQueueTimes;
  for (const sample of other.samples) keepSample(edge.samples, sample);
}

function mergeRequests(into: RequestStats, other: RequestStats): void {
  into.failed += other.failed;
  into.duration.merge(other.duration);
}
