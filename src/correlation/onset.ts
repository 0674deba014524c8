/** Fewest values on either side of a change point. */
export const MIN_ONSET_SIDE = 3;

/** Where a series changed its level. */
export interface Onset {
  /** First minute of the new level. */
  readonly minute: number;
  /** New mean less old mean. */
  readonly change: number;
  /** Share of the variance that the change explains, 0 to 1. */
  readonly explained: number;
}

/**
 * The one minute at which a series most likely changed its level: the split
 * into two means that leaves the least squared error.
 *
 * @param values One a minute; NaN where there is none.
 * @returns Undefined where there are too few values, or all are the same.
 *
 * @example
 * ```ts
 * import { onset } from "../src/correlation/onset.ts";
 *
 * expect(onset(Float64Array.of(1, 1, 1, 1, 5, 5, 5))).toEqual({
 *   minute: 4,
 *   change: 4,
 *   explained: 1,
 * });
 * ```
 */
export function onset(values: Float64Array): Onset | undefined {
  const known = [...values.entries()].filter(([, value]) =>
    !Number.isNaN(value)
  );
  const count = known.length;
  const mean = known.reduce((sum, [, value]) => sum + value, 0) / count;
  const spread = known.reduce((sum, [, value]) => sum + (value - mean) ** 2, 0);
  if (!(spread > 0)) return undefined;
  let best: Onset | undefined;
  // Sums of distances from the mean: levels far from 0 lose no digits.
  let before = 0;
  for (const [index, [minute, value]] of known.entries()) {
    const after = count - index;
    if (index >= MIN_ONSET_SIDE && after >= MIN_ONSET_SIDE) {
      const change = -before / after - before / index;
      const explained = (before ** 2 * (1 / index + 1 / after)) / spread;
      if (best === undefined || explained > best.explained) {
        best = { minute, change, explained: Math.min(1, explained) };
      }
    }
    before += value - mean;
  }
  return best;
}
