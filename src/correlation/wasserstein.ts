import { HISTOGRAM_SCALE } from "../map/histogram.ts";
import type { LatencyBins } from "./latency_bins.ts";

const BUCKETS_PER_DOUBLING = 2 ** HISTOGRAM_SCALE;

/** How far latency moved, in doublings (log2); NaN where a side has no data. */
export interface LatencyShift {
  /** Wasserstein-1 distance, 0 or more. */
  readonly distance: number;
  /** Difference of the means; above 0 is slower. */
  readonly shift: number;
}

/**
 * Wasserstein-1 of two latency distributions in log2 latency:
 * `2 ** distance - 1` reads as "so many times slower (or faster)".
 *
 * @example Twice as slow is one doubling
 * ```ts
 * import { latencyBins } from "../src/correlation/latency_bins.ts";
 * import { wasserstein } from "../src/correlation/wasserstein.ts";
 * import { Histogram } from "../src/map/histogram.ts";
 *
 * const before = new Histogram();
 * const after = new Histogram();
 * before.record(100e6, 10);
 * after.record(200e6, 30);
 * expect(wasserstein(latencyBins(before, after)).shift).toBeCloseTo(1, 10);
 * ```
 */
export function wasserstein(bins: LatencyBins): LatencyShift {
  const { indexes, before, after } = bins;
  const allBefore = before.reduce((sum, count) => sum + count, 0);
  const allAfter = after.reduce((sum, count) => sum + count, 0);
  if (allBefore === 0 || allAfter === 0) {
    return { distance: Number.NaN, shift: Number.NaN };
  }
  let lead = 0;
  let distance = 0;
  let shift = 0;
  for (const [at, index] of indexes.entries()) {
    lead += (before[at] ?? 0) / allBefore - (after[at] ?? 0) / allAfter;
    const width = ((indexes[at + 1] ?? index) - index) / BUCKETS_PER_DOUBLING;
    distance += Math.abs(lead) * width;
    shift += lead * width;
  }
  return { distance, shift };
}
