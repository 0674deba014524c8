// Of a normal distribution, the MAD times this is the standard deviation.
const NORMAL_CONSISTENCY = 1.4826;

/** The middle of the values (mean of the middle two); NaN of none. */
export function median(values: ArrayLike<number>): number {
  const sorted = new Float64Array(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  if (sorted.length % 2 === 1) return upper;
  return ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * A spread that outliers do not move: the median distance from the median,
 * scaled so that it is the standard deviation where values are normal.
 */
export function medianDeviation(values: ArrayLike<number>): number {
  const middle = median(values);
  return NORMAL_CONSISTENCY *
    median(Float64Array.from(values, (value) => Math.abs(value - middle)));
}
