/** Steps of a doubling that a quantile is rounded to: 1 % of latency. */
export const QUANTILE_STEPS = 64;
/** Steps of a doubling that a mean is rounded to: 0.07 %. */
export const MEAN_STEPS = 1024;

/** Means up to 18 minutes are worked out once. */
const KNOWN_DOUBLINGS = 40;
/** By steps; 0: not worked out yet. */
const known = new Float64Array(KNOWN_DOUBLINGS * MEAN_STEPS);

/** The mean of so many steps, ns. */
export function meanNs(steps: number): number {
  const before = known[steps] ?? 0;
  if (before > 0) return before;
  const mean = 2 ** (steps / MEAN_STEPS);
  known[steps] = mean;
  return mean;
}
