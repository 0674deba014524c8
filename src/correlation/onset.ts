/** Fewest values on either side of a change point. */
export const MIN_ONSET_SIDE = 3;
// Half the 95 % quantile of chi-square with one degree of freedom.
const LIKELY_WITHIN_LN = 1.92;

/** Where a series changed its level. */
export interface Onset {
  /** First minute of the new level. */
  readonly minute: number;
  /** The first minute that may as well be it, 95 % sure. */
  readonly earliest: number;
  /** The last one. */
  readonly latest: number;
  /** New mean less old mean. */
  readonly change: number;
  /** Share of the variance that the change explains, 0 to 1. */
  readonly explained: number;
}

interface Split {
  readonly minute: number;
  readonly change: number;
  readonly explained: number;
}

/**
 * The one minute at which a series most likely changed its level: the split
 * into two means that leaves the least squared error, and the splits that are
 * nearly as likely.
 *
 * Source: profile likelihood of a change of the mean of normal values.
 *
 * @param values One a minute; NaN where there is none.
 * @param last The last minute that can be it. @default {any}
 * @returns Undefined where there are too few values, or all are the same.
 *
 * @example
 * ```ts
 * import { onset } from "../src/correlation/onset.ts";
 *
 * expect(onset(Float64Array.of(1, 1, 1, 1, 5, 5, 5))).toEqual({
 *   minute: 4,
 *   earliest: 4,
 *   latest: 4,
 *   change: 4,
 *   explained: 1,
 * });
 * ```
 */
export function onset(
  values: Float64Array,
  last = Infinity,
): Onset | undefined {
  const splits = allSplits(values).filter(({ minute }) => minute <= last);
  const best = splits.reduce<Split | undefined>(
    (a, b) => a === undefined || b.explained > a.explained ? b : a,
    undefined,
  );
  if (best === undefined) return undefined;
  const count = values.filter((value) => !Number.isNaN(value)).length;
  const likely = splits.filter(({ explained }) =>
    (count / 2) * Math.log((1 - explained) / (1 - best.explained)) <=
      LIKELY_WITHIN_LN
  );
  return {
    ...best,
    earliest: likely[0]?.minute ?? best.minute,
    latest: likely.at(-1)?.minute ?? best.minute,
  };
}

function allSplits(values: Float64Array): readonly Split[] {
  const known = [...values.entries()].filter(([, value]) =>
    !Number.isNaN(value)
  );
  const count = known.length;
  const mean = known.reduce((sum, [, value]) => sum + value, 0) / count;
  const spread = known.reduce((sum, [, value]) => sum + (value - mean) ** 2, 0);
  if (!(spread > 0)) return [];
  const splits: Split[] = [];
  // Sums of distances from the mean: levels far from 0 lose no digits.
  let before = 0;
  for (const [index, [minute, value]] of known.entries()) {
    const after = count - index;
    if (index >= MIN_ONSET_SIDE && after >= MIN_ONSET_SIDE) {
      splits.push({
        minute,
        change: -before / after - before / index,
        explained: Math.min(
          1,
          (before ** 2 * (1 / index + 1 / after)) / spread,
        ),
      });
    }
    before += value - mean;
  }
  return splits;
}
