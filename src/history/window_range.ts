/** Lengths of a window, s. */
export const MINUTE_S = 60;
export const HOUR_S = 3600;
export const DAY_S = 86_400;

/** Length of a window, s. A window starts at a multiple of it. */
export type Resolution = typeof MINUTE_S | typeof HOUR_S | typeof DAY_S;

/** What tells one window of a service from another. */
export interface WindowKey {
  readonly resolution: Resolution;
  /** s since the epoch, a multiple of `resolution`. */
  readonly startS: number;
}

/** Windows of one length that follow each other. */
export interface WindowRange {
  readonly resolution: Resolution;
  /** Start of the first window, s since the epoch. */
  readonly fromS: number;
  /** End of the last window, s since the epoch. */
  readonly toS: number;
}

/** The last multiple of `unitS` at or before `timeS`. */
export function floorTo(timeS: number, unitS: number): number {
  return Math.floor(timeS / unitS) * unitS;
}

/** The first multiple of `unitS` at or after `timeS`. */
export function ceilTo(timeS: number, unitS: number): number {
  return Math.ceil(timeS / unitS) * unitS;
}

/** Whether one of the ranges has this window. */
export function inRanges(
  key: WindowKey,
  ranges: readonly WindowRange[],
): boolean {
  return ranges.some((range) =>
    range.resolution === key.resolution && key.startS >= range.fromS &&
    key.startS < range.toS
  );
}

/** Whether `a` is longer than `b`, or as long and later. */
export function isAfter(a: WindowKey, b: WindowKey): boolean {
  return a.resolution > b.resolution ||
    (a.resolution === b.resolution && a.startS > b.startS);
}
