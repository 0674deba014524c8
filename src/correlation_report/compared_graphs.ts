import type { Bindings } from "../bindings.ts";
import { loadWindows } from "../history/load_windows.ts";
import { planRanges } from "../history/window_ranges.ts";
import type { WantsEdge } from "../map/service_window_codec.ts";
import type { NodeIdentity } from "../map/node_identity.ts";
import {
  buildServiceGraph,
  type ServiceGraph,
} from "../query/service_graph.ts";

const MS_PER_S = 1000;

/** A part of the map before a change and after it. */
export interface ComparedGraphs {
  readonly before: ServiceGraph;
  readonly after: ServiceGraph;
  /** Lengths, ms. */
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** Which part, and when. */
export interface ComparedTimes {
  readonly tenant: string;
  readonly services: readonly NodeIdentity[];
  readonly wantsEdge: WantsEdge;
  /** Whole minutes, ms since the epoch: start, change, end. */
  readonly startMs: number;
  readonly changeMs: number;
  readonly endMs: number;
  readonly nowMs: number;
}

/**
 * What services did before and after a change, exactly: counts and sketches,
 * not what the series made of them.
 *
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function comparedGraphs(
  bindings: Bindings,
  { tenant, services, wantsEdge, startMs, changeMs, endMs, nowMs }:
    ComparedTimes,
): Promise<ComparedGraphs> {
  async function graphOf(fromMs: number, toMs: number): Promise<ServiceGraph> {
    const { ranges } = planRanges(
      fromMs / MS_PER_S,
      toMs / MS_PER_S,
      nowMs / MS_PER_S,
    );
    const request = { tenant, services, ranges, operations: false, wantsEdge };
    const windows = fromMs < toMs && services.length > 0
      ? await loadWindows(bindings, request)
      : [];
    return buildServiceGraph(windows, nowMs);
  }
  const [before, after] = await Promise.all([
    graphOf(startMs, changeMs),
    graphOf(changeMs, endMs),
  ]);
  return {
    before,
    after,
    beforeMs: changeMs - startMs,
    afterMs: Math.max(0, Math.min(endMs, nowMs) - changeMs),
  };
}
