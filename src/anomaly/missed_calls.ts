import { expected } from "./baseline.ts";
import { LEARNING_MINUTES } from "./anomaly_limits.ts";
import type { Watched } from "./detector_state.ts";
import type { SeenInWindow } from "./observe_window.ts";

/** Calls that an edge misses, as they were seen under another name. */
export interface MissedCalls {
  readonly calls: number;
  readonly failed: number;
  /** The edges that they were seen on. */
  readonly standIns: readonly string[];
}

/** An edge misses its calls where it has less than this of them. */
const VANISHED_SHARE = 0.5;

/**
 * Finds the calls of a callee that fell silent. Its edge is known by the spans
 * of both sides; once the callee sends none, the caller's halves make an edge
 * to whatever address they name. So what new edges of this sort carry is
 * counted for the edges that miss as much, the largest first.
 *
 * @returns By the id of the edge that misses them.
 */
export function missedCalls(
  watched: ReadonlyMap<string, Watched>,
  seen: ReadonlyMap<string, SeenInWindow>,
  minute: number,
): ReadonlyMap<string, MissedCalls> {
  const found = new Map<string, MissedCalls>();
  const standIns: string[] = [];
  let calls = 0;
  let failed = 0;
  for (const [id, { edge, observation }] of seen) {
    const since = watched.get(id)?.sinceMinute ?? minute;
    if (
      edge === null || edge.connectionType !== "virtual_node" ||
      minute - since >= LEARNING_MINUTES
    ) continue;
    standIns.push(id);
    calls += observation.count;
    failed += observation.failed;
  }
  if (failed <= 0) return found;
  const share = failed / calls;
  for (const { id, missing } of vanished(watched, seen, minute)) {
    const taken = Math.min(missing, calls);
    calls -= taken;
    found.set(id, { calls: taken, failed: taken * share, standIns });
    if (calls <= 0) break;
  }
  return found;
}

function vanished(
  watched: ReadonlyMap<string, Watched>,
  seen: ReadonlyMap<string, SeenInWindow>,
  minute: number,
): { readonly id: string; readonly missing: number }[] {
  const edges: { id: string; missing: number }[] = [];
  for (const [id, { edge, baselines }] of watched) {
    if (edge === null || edge.connectionType !== "") continue;
    const usual = expected(baselines.request_rate, "level", minute)?.low ?? 0;
    const count = seen.get(id)?.observation.count ?? 0;
    if (count < usual * VANISHED_SHARE) {
      edges.push({ id, missing: usual - count });
    }
  }
  return edges.sort((a, b) => b.missing - a.missing);
}
