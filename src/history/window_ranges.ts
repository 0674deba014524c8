import { HISTORY_RETENTION_S, SETTLE_S } from "./retention.ts";
import {
  ceilTo,
  DAY_S,
  floorTo,
  HOUR_S,
  MINUTE_S,
  type Resolution,
  type WindowRange,
} from "./window_range.ts";

/** Which windows a time span is read from. */
export interface RangePlan {
  /** Start of the first window, s since the epoch. */
  readonly startS: number;
  /** End of the last window, s since the epoch. */
  readonly endS: number;
  /** In order of time; together exactly from `startS` to `endS`. */
  readonly ranges: readonly WindowRange[];
}

/**
 * Cuts a time span into as few windows as there are: whole days, then whole
 * hours, then minutes. It is widened to whole windows: minutes, and hours or
 * days where finer ones are not kept any more. What is older than all that is
 * kept is left out.
 *
 * @param startS Start, s since the epoch.
 * @param endS End, s since the epoch, not before `startS`.
 * @param nowS Now, s since the epoch: hours and days are read as one window
 *   only `SETTLE_S` after their end.
 *
 * @example Two hours and a bit
 * ```ts
 * import { planRanges } from "../src/history/window_ranges.ts";
 *
 * expect(planRanges(3570, 10_810, 20_000).ranges).toEqual([
 *   { resolution: 60, fromS: 3540, toS: 3600 },
 *   { resolution: 3600, fromS: 3600, toS: 10_800 },
 *   { resolution: 60, fromS: 10_800, toS: 10_860 },
 * ]);
 * ```
 */
export function planRanges(
  startS: number,
  endS: number,
  nowS: number,
): RangePlan {
  const kept = Math.max(startS, oldestS(DAY_S, nowS));
  const fromS = floorTo(kept, unitAt(kept, nowS));
  const end = Math.max(endS, fromS);
  const toS = Math.max(fromS, ceilTo(end, unitAt(end, nowS)));
  const ranges = nested([DAY_S, HOUR_S, MINUTE_S], fromS, toS, nowS);
  return { startS: fromS, endS: toS, ranges };
}

/** The first time from which on D1 has every window of this resolution, s. */
function oldestS(resolution: Resolution, nowS: number): number {
  const coarser = resolution === MINUTE_S ? HOUR_S : DAY_S;
  return ceilTo(nowS - HISTORY_RETENTION_S[resolution], coarser);
}

/** The finest windows that are kept at a time. */
function unitAt(timeS: number, nowS: number): Resolution {
  if (timeS >= oldestS(MINUTE_S, nowS)) return MINUTE_S;
  return timeS >= oldestS(HOUR_S, nowS) ? HOUR_S : DAY_S;
}

// The whole windows of the first resolution stand in the middle, finer ones
// at both ends.
function nested(
  resolutions: readonly Resolution[],
  fromS: number,
  toS: number,
  nowS: number,
): WindowRange[] {
  const [resolution, ...finer] = resolutions;
  if (resolution === undefined || fromS >= toS) return [];
  const middleS = ceilTo(fromS, resolution);
  const settledS = resolution === MINUTE_S ? toS : nowS - SETTLE_S;
  const lastS = floorTo(Math.min(toS, settledS), resolution);
  if (middleS >= lastS) return nested(finer, fromS, toS, nowS);
  return [
    ...nested(finer, fromS, middleS, nowS),
    { resolution, fromS: middleS, toS: lastS },
    ...nested(finer, lastS, toS, nowS),
  ];
}
