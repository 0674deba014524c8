import { DAY_S, HOUR_S, MINUTE_S } from "./window_range.ts";

/** How long D1 keeps a window after its start, s, by resolution. */
export const HISTORY_RETENTION_S = {
  [MINUTE_S]: 7 * DAY_S,
  [HOUR_S]: 90 * DAY_S,
  [DAY_S]: 730 * DAY_S,
} as const;

/**
 * How long the object of a service keeps a window after its start, s: for as
 * long as a late span can revise it, which D1 alone could not.
 */
export const OBJECT_RETENTION_S = {
  [MINUTE_S]: 25 * HOUR_S,
  [HOUR_S]: 49 * HOUR_S,
  [DAY_S]: 3 * DAY_S,
} as const;

/**
 * The oldest minute that still takes an addition, s before now. Shorter than
 * the object keeps minutes, so that no clock that is set back can make it
 * begin a minute anew whose whole is in D1.
 */
export const LATE_LIMIT_S = 24.5 * HOUR_S;

/** The newest minute that takes an addition, s after now. */
export const FUTURE_LIMIT_S = HOUR_S;

/**
 * How long after its end a window is first written to D1, s: lone halves wait
 * 10 s for the other one, and their shard sends each second.
 */
export const CLOSE_GRACE_S = 20;

/**
 * How long after its end an answer reads an hour or a day as one window
 * instead of its minutes, s: by then its object has made it.
 */
export const SETTLE_S = 60;
