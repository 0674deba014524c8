import type { LatencySeries } from "../series/map_series.ts";
import { calibratedEffect } from "./calibrated_effect.ts";
import { lagOf } from "./cause_weight.ts";
import type { ChangeWindow } from "./change_window.ts";
import type { Effect, Metric, Place } from "./effect.ts";
import { onset } from "./onset.ts";
import { levelSeries, RatioSeries } from "./ratio_series.ts";

/** Requests a side without which a median says nothing. */
export const MIN_REQUESTS_P50 = 30;
/** Requests a side without which a 95th percentile says nothing. */
export const MIN_REQUESTS_P95 = 100;
/** Requests a side without which a 99th percentile says nothing. */
export const MIN_REQUESTS_P99 = 300;
/** Smallest slowdown that counts, as a ratio of the latency before. */
export const MIN_SLOWDOWN = 0.1;
/** Smallest slowdown that counts, ns. */
export const MIN_SLOWDOWN_NS = 5e6;
/** Fewest failed requests beyond what was usual. */
export const MIN_EXCESS_ERRORS = 5;
/** Smallest share of an edge's calls that has to be missing. */
export const MIN_MISSING = 0.5;

/** Requests of one place, as they are measured. */
export interface Measured {
  readonly place: Place;
  /** How closely the change is linked to it, above 0, at most 1. */
  readonly closeness: number;
  readonly latency: LatencySeries;
  readonly failed: Float32Array;
  /** Requests by which failures count. */
  readonly count: Float32Array;
  /** The caller's requests, where missing calls are looked for; else null. */
  readonly callerCount: Float32Array | null;
  /** What edges that the change cannot touch did, log2; by metric. */
  readonly controls: {
    readonly p50: Float64Array;
    readonly p95: Float64Array;
  };
}

/** An effect before it is seen beside all others. */
export type LoneEffect = Omit<Effect, "q">;

/**
 * Every figure of a place that has traffic enough on both sides of a change,
 * against other times of the same place.
 *
 * @returns Empty where there is not enough data.
 */
export function measuredEffects(
  measured: Measured,
  window: ChangeWindow,
): LoneEffect[] {
  const { latency, failed, count, callerCount, controls } = measured;
  const place = { ...measured.place, closeness: measured.closeness };
  const effects: (LoneEffect | null)[] = [];
  function look(metric: Metric, series: RatioSeries, least: number): void {
    effects.push(effectOf({ place, metric, series, least }, window));
  }
  const { p50, p95, p99 } = latency;
  const weights = latency.count;
  look("latency_p50", above(p50, controls.p50, weights), MIN_REQUESTS_P50);
  look("latency_p95", above(p95, controls.p95, weights), MIN_REQUESTS_P95);
  look("latency_p99", above(p99, controls.p95, weights), MIN_REQUESTS_P99);
  look("error_rate", new RatioSeries(failed, count), MIN_REQUESTS_P50);
  if (callerCount !== null) {
    const missing = count.map((calls) => -calls);
    const series = new RatioSeries(missing, callerCount);
    look("missing_callee", series, MIN_REQUESTS_P50);
  }
  return effects.filter((effect) => effect !== null);
}

function above(
  level: Float32Array,
  control: Float64Array,
  weight: Float32Array,
): RatioSeries {
  const own = control.length === 0
    ? level
    : level.map((value, minute) => value - (control[minute] ?? 0));
  return levelSeries(own, weight);
}

interface Looked {
  readonly place: Place & { readonly closeness: number };
  readonly metric: Metric;
  readonly series: RatioSeries;
  readonly least: number;
}

function effectOf(
  { place, metric, series, least }: Looked,
  window: ChangeWindow,
): LoneEffect | null {
  const { at, before, after } = window;
  const samples = {
    before: series.weight(at - before, at),
    after: series.weight(at, at + after),
  };
  if (Math.min(samples.before, samples.after) < least) return null;
  const isRate = metric === "error_rate" || metric === "missing_callee";
  const seen = calibratedEffect(series, {
    ...window,
    resolution: isRate ? REQUESTS_PER_E_FOLD : 0,
  });
  if (seen.start < 0) return null;
  const end = seen.start + seen.length;
  const found = onset(minuteLevels(series, at - before, end));
  const shift = at - before;
  const level = series.mean(at - before, at);
  const weight = series.weight(seen.start, end);
  return {
    ...place,
    metric,
    rise: seen.effect,
    level,
    p: seen.p,
    calibrated: seen.calibrated,
    large: isLarge(metric, { rise: seen.effect, level, weight }),
    start: seen.start,
    length: seen.length,
    samples,
    lag: found === undefined || found.change <= 0 ? null : lagOf({
      earliest: found.earliest + shift,
      latest: found.latest + shift,
    }, at),
  };
}

// Where nothing ever failed, two failures more are e times less likely.
const REQUESTS_PER_E_FOLD = 2;

function isLarge(
  metric: Metric,
  { rise, level, weight }: {
    readonly rise: number;
    readonly level: number;
    readonly weight: number;
  },
): boolean {
  if (metric === "error_rate") return rise * weight >= MIN_EXCESS_ERRORS;
  if (metric === "missing_callee") return rise >= -level * MIN_MISSING;
  const slowdown = 2 ** rise - 1;
  return slowdown >= MIN_SLOWDOWN && slowdown * 2 ** level >= MIN_SLOWDOWN_NS;
}

/** The level of each minute; NaN where nothing is known. */
export function minuteLevels(
  series: RatioSeries,
  start: number,
  end: number,
): Float64Array {
  return Float64Array.from(
    { length: Math.max(0, end - start) },
    (_, index) => series.mean(start + index, start + index + 1),
  );
}
