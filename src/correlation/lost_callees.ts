import type { EdgeSeries } from "../series/map_series.ts";
import type { ChangeWindow } from "./change_window.ts";
import { MIN_MISSING } from "./measured_effects.ts";

/**
 * Which strangers are callees that their callers cannot reach any more: of a
 * call that never arrives the caller knows an address, and not the service.
 * A node that some caller calls only since the change stands for the one that
 * the same caller lost most calls to.
 *
 * @returns By the stranger's `nodeId` the callee's.
 */
export function lostCallees(
  edges: readonly EdgeSeries[],
  { at, before, after }: ChangeWindow,
): ReadonlyMap<string, string> {
  const paces = edges.map((edge) => ({
    edge,
    earlier: mean(edge.calls.count, at - before, at),
    later: mean(edge.calls.count, at, at + after),
  }));
  const lost = new Map<string, { to: string; calls: number }>();
  for (const { edge, earlier, later } of paces) {
    if (edge.connectionType === "virtual_node") continue;
    const calls = earlier - later;
    if (calls < earlier * MIN_MISSING || calls <= 0) continue;
    if (calls > (lost.get(edge.from)?.calls ?? 0)) {
      lost.set(edge.from, { to: edge.to, calls });
    }
  }
  const found = new Map<string, string>();
  for (const { edge, earlier, later } of paces) {
    const gone = lost.get(edge.from);
    const isNew = edge.connectionType === "virtual_node" && later > 2 * earlier;
    if (gone !== undefined && isNew && edge.to !== gone.to) {
      found.set(edge.to, gone.to);
    }
  }
  return found;
}

function mean(count: Float32Array, start: number, end: number): number {
  const minutes = count.subarray(Math.max(0, start), end);
  return minutes.reduce((sum, value) => sum + value, 0) /
    Math.max(1, minutes.length);
}
