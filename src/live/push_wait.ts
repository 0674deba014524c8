import type { SourceWindow } from "../history/source_window.ts";
import { PUSH_MS } from "./live_limits.ts";

/**
 * Edges, minute by minute, that a map pushed each second may have: working it
 * out takes some 16 µs for each, so half of each second. That is 1,000 services
 * that call 5 others each.
 */
export const MAX_EDGE_MINUTES_PER_PUSH = 30_000;

/**
 * How long after a push the next one comes at the earliest, ms: in proportion
 * to the size of a map that is larger than fits into a second.
 *
 * @param edges Counted by `edgeMinutes`.
 *
 * @example
 * ```ts
 * import {
 *   MAX_EDGE_MINUTES_PER_PUSH,
 *   pushWaitMs,
 * } from "../src/live/push_wait.ts";
 *
 * expect(pushWaitMs(MAX_EDGE_MINUTES_PER_PUSH)).toBe(1000);
 * expect(pushWaitMs(2 * MAX_EDGE_MINUTES_PER_PUSH)).toBe(2000);
 * ```
 */
export function pushWaitMs(edges: number): number {
  return PUSH_MS * Math.max(1, edges / MAX_EDGE_MINUTES_PER_PUSH);
}

/** Edges, minute by minute. */
export function edgeMinutes(windows: readonly SourceWindow[]): number {
  return windows.reduce((sum, { window }) => sum + window.edges.size, 0);
}
