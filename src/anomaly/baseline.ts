import { median, medianDeviation } from "../correlation/median.ts";
import type { BaselineSource } from "./anomaly.ts";
import { LEARNING_MINUTES } from "./anomaly_limits.ts";

const HOURS_A_DAY = 24;
const MINUTES_AN_HOUR = 60;
/** Hours that are remembered: a week. */
export const REMEMBERED_HOURS = 7 * HOURS_A_DAY;
/** Minutes that an hour needs to be remembered. */
const LEAST_MINUTES_AN_HOUR = 15;
// What a share is before the first request is asked for, so that an edge of
// few requests without an error is not taken for one that never fails.
const PRIOR_ERRORS = 0.5;
const PRIOR_REQUESTS = 50;

/**
 * How a series of minutes is summed up. `level`: median, and MAD as a standard
 * deviation. `share`: errors of all requests, and how much more the errors of
 * a minute vary than chance would have them (variance by mean, 1 or more).
 */
export type BaselineKind = "level" | "share";

/**
 * What one number of an edge used to be: an hour of minutes, a level for each
 * hour of a week, and the spread of each hour of a day: 312 numbers at the
 * most. NaN is what is not known.
 */
export interface Baseline {
  /** The last minutes, the newest last, `LEARNING_MINUTES` at the most. */
  readonly values: Float32Array;
  /** Requests of each, for a share; else empty. */
  readonly weights: Float32Array;
  /** The hour that is being learned, hours since the epoch; -1: none. */
  readonly hour: number;
  /** How many of the last minutes are of that hour. */
  readonly minutes: number;
  readonly hours: Float32Array;
  readonly spreads: Float32Array;
}

/** A minute to learn. */
export interface LearnedMinute {
  /** Minutes since the epoch. */
  readonly minute: number;
  readonly value: number;
  /** Requests, for a share. */
  readonly weight?: number;
}

/** What is to be expected. */
export interface Expected {
  /** What is above it, is more than expected. */
  readonly high: number;
  /** What is below it, is less; the same as `high` but on the first day. */
  readonly low: number;
  readonly spread: number;
  readonly source: BaselineSource;
}

/** Knows nothing. */
export function emptyBaseline(): Baseline {
  return {
    values: new Float32Array(0),
    weights: new Float32Array(0),
    hour: -1,
    minutes: 0,
    hours: new Float32Array(REMEMBERED_HOURS).fill(Number.NaN),
    spreads: new Float32Array(HOURS_A_DAY).fill(Number.NaN),
  };
}

/** The baseline with one more minute; minutes come in order. */
export function learned(
  baseline: Baseline,
  kind: BaselineKind,
  { minute, value, weight = 0 }: LearnedMinute,
): Baseline {
  const hour = Math.floor(minute / MINUTES_AN_HOUR);
  const turned = hour === baseline.hour
    ? baseline
    : atHour(baseline, kind, hour);
  return {
    ...turned,
    values: appended(turned.values, value),
    weights: kind === "share"
      ? appended(turned.weights, weight)
      : turned.weights,
    minutes: turned.minutes + 1,
  };
}

function appended(values: Float32Array, value: number): Float32Array {
  const kept = values.subarray(values.length < LEARNING_MINUTES ? 0 : 1);
  const grown = new Float32Array(kept.length + 1);
  grown.set(kept);
  grown[kept.length] = value;
  return grown;
}

/** Remembers the hour that is over; those without a minute are not known. */
function atHour(
  baseline: Baseline,
  kind: BaselineKind,
  hour: number,
): Baseline {
  if (baseline.hour < 0) return { ...baseline, hour, minutes: 0 };
  const hours = baseline.hours.slice();
  const spreads = baseline.spreads.slice();
  const last = Math.min(hour, baseline.hour + REMEMBERED_HOURS);
  for (let past = baseline.hour; past < last; past++) {
    hours[past % REMEMBERED_HOURS] = Number.NaN;
  }
  if (baseline.minutes >= LEAST_MINUTES_AN_HOUR) {
    const { level, spread } = summed(baseline, kind, baseline.minutes);
    hours[baseline.hour % REMEMBERED_HOURS] = level;
    spreads[baseline.hour % HOURS_A_DAY] = spread;
  }
  return { ...baseline, hours, spreads, hour, minutes: 0 };
}

/**
 * What is to be expected in a minute: the median of the same hour of earlier
 * days, between the hours' middles on the line that joins them; on the first
 * day the day so far and the last hour, whichever is nearer to what is seen.
 *
 * @returns null while too little is known.
 */
export function expected(
  baseline: Baseline,
  kind: BaselineKind,
  minute: number,
): Expected | null {
  const hour = Math.floor(minute / MINUTES_AN_HOUR) % HOURS_A_DAY;
  const level = sameHour(baseline, hour);
  const spreads = known(baseline.spreads);
  if (!Number.isNaN(level)) {
    const between = (minute % MINUTES_AN_HOUR + 0.5) / MINUTES_AN_HOUR - 0.5;
    const side = (hour + (between < 0 ? HOURS_A_DAY - 1 : 1)) % HOURS_A_DAY;
    const beside = sameHour(baseline, side);
    const way = Number.isNaN(beside) ? 0 : Math.abs(between);
    const at = level + (way === 0 ? 0 : (beside - level) * way);
    const own = baseline.spreads[hour] ?? Number.NaN;
    const spread = Math.max(Number.isNaN(own) ? 0 : own, median(spreads));
    return { high: at, low: at, spread, source: "same_hour" };
  }
  if (baseline.values.length < LEARNING_MINUTES) return null;
  const recent = summed(baseline, kind, LEARNING_MINUTES);
  const day = median([...known(baseline.hours), recent.level]);
  return {
    high: Math.max(day, recent.level),
    low: Math.min(day, recent.level),
    spread: Math.max(median([...spreads, recent.spread]), recent.spread),
    source: "day",
  };
}

/** The median of an hour of the day, of the days that have it, or NaN. */
function sameHour({ hours }: Baseline, hour: number): number {
  const levels: number[] = [];
  for (let at = hour; at < hours.length; at += HOURS_A_DAY) {
    const level = hours[at] ?? Number.NaN;
    if (!Number.isNaN(level)) levels.push(level);
  }
  return median(levels);
}

function known(values: Float32Array): Float32Array {
  return values.filter((value) => !Number.isNaN(value));
}

function summed(
  { values, weights }: Baseline,
  kind: BaselineKind,
  minutes: number,
): { readonly level: number; readonly spread: number } {
  const last = values.subarray(-minutes);
  if (kind === "level") {
    return { level: median(last), spread: medianDeviation(last) };
  }
  let errors = 0;
  let requests = 0;
  let squares = 0;
  for (const value of last) {
    errors += value;
    squares += value * value;
  }
  for (const weight of weights.subarray(-minutes)) requests += weight;
  const mean = errors / last.length;
  const variance = squares / last.length - mean * mean;
  return {
    level: Math.min(1, (errors + PRIOR_ERRORS) / (requests + PRIOR_REQUESTS)),
    spread: mean > 0 ? Math.max(1, variance / mean) : 1,
  };
}
