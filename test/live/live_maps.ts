import { type LiveMap, liveMap } from "../../src/live/live_map.ts";
import { GraphIndex } from "../../src/resources/graph_index.ts";
import type { LoadedMappings } from "../../src/resources/load_mappings.ts";
import {
  DAY_START_S,
  NOW_MS,
  type Observed,
  windowsOf,
} from "../query/observed_calls.ts";

/** A tenant without resources. */
export const NO_RESOURCES: LoadedMappings = {
  state: null,
  index: new GraphIndex({ nodes: [], edges: [] }),
  mappings: [],
};

/** The map of what was observed, as it is known some time after. */
export function mapOf(observed: Observed, afterMs = 0): LiveMap {
  const nowMs = NOW_MS + afterMs;
  const window = {
    startMs: DAY_START_S * 1000,
    endMs: nowMs,
    nowMs,
    warnings: [],
  };
  const minutes = windowsOf(observed);
  return liveMap({ minutes, summed: minutes }, {
    plan: { window, ranges: [] },
    resources: NO_RESOURCES,
  });
}
