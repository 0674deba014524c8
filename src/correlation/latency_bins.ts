import type { Histogram } from "../map/histogram.ts";

/** Counts of two histograms over the same buckets, in ascending order. */
export interface LatencyBins {
  readonly indexes: Int32Array;
  readonly before: Float64Array;
  readonly after: Float64Array;
}

// 2^-64 s is no time: durations of exactly 0 sort before all others.
const ZERO_INDEX = -2048;

/** Two histograms side by side. What a correction left below 0 counts as 0. */
export function latencyBins(before: Histogram, after: Histogram): LatencyBins {
  const all = new Set([...before.buckets.keys(), ...after.buckets.keys()]);
  if (before.zeroCount > 0 || after.zeroCount > 0) all.add(ZERO_INDEX);
  const indexes = Int32Array.from(all).sort();
  return {
    indexes,
    before: countsOf(before, indexes),
    after: countsOf(after, indexes),
  };
}

function countsOf(histogram: Histogram, indexes: Int32Array): Float64Array {
  return Float64Array.from(indexes, (index) => {
    const zeros = index === ZERO_INDEX ? histogram.zeroCount : 0;
    return Math.max(0, zeros + (histogram.buckets.get(index) ?? 0));
  });
}
