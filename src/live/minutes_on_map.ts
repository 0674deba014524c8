import type { SourceDeltas } from "../aggregate/source_deltas.ts";
import { floorTo, inRanges, MINUTE_S } from "../history/window_range.ts";
import { livePlan } from "./live_plan.ts";

const MS_PER_S = 1000;

/** Which minutes of the map of now a message may have changed: their starts. */
export function minutesOnMap(
  { deltas }: SourceDeltas,
  nowMs: number,
): ReadonlySet<number> {
  // What comes too late, or too early, is counted in the minute of now.
  const starts = new Set([floorTo(nowMs / MS_PER_S, MINUTE_S)]);
  for (const { minutes } of deltas) {
    for (const { startS } of minutes) starts.add(startS);
  }
  const { ranges } = livePlan(nowMs);
  const onMap = [...starts].filter((startS) =>
    inRanges({ resolution: MINUTE_S, startS }, ranges)
  );
  return new Set(onMap);
}
