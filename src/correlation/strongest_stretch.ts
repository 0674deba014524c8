import { median } from "./median.ts";
import { placeboTailP } from "./placebo_tail.ts";

/** The shortest effect that is looked for, minutes. */
export const MIN_STRETCH_MINUTES = 5;
/** The longest stretch; a longer effect shows in it as well. */
export const MAX_STRETCH_MINUTES = 10;

/** Where the effect is looked for, in minutes of the series. */
export interface StretchWindow {
  /** The minute of the change. */
  readonly at: number;
  /** Minutes before it that are the baseline. */
  readonly before: number;
  /** Minutes after it, its own included. */
  readonly after: number;
}

/** A stretch of minutes and how far it is above the baseline. */
export interface Stretch {
  /** Mean of the stretch less the median before; NaN where data is missing. */
  readonly effect: number;
  /** First minute of the stretch; -1 where data is missing. */
  readonly start: number;
  /** Its length, minutes. */
  readonly length: number;
}

/**
 * The 5 to 10 minutes after a change that are highest above the baseline.
 * Minutes without a value (NaN) are passed over; a stretch must have half of
 * its minutes, the baseline `MIN_STRETCH_MINUTES`.
 *
 * @example
 * ```ts
 * import { strongestStretch } from "../src/correlation/strongest_stretch.ts";
 *
 * const values = new Float64Array(60);
 * values.fill(3, 32, 37);
 * expect(strongestStretch(values, { at: 30, before: 30, after: 30 }))
 *   .toEqual({ effect: 3, start: 32, length: 5 });
 * ```
 */
export function strongestStretch(
  values: Float64Array,
  { at, before, after }: StretchWindow,
): Stretch {
  let strongest: Stretch = { effect: Number.NaN, start: -1, length: 0 };
  if (at - before < 0 || at + after > values.length) return strongest;
  const baseline = values.subarray(at - before, at).filter(isNumber);
  if (baseline.length < MIN_STRETCH_MINUTES) return strongest;
  const level = median(baseline);
  for (let start = at; start + MIN_STRETCH_MINUTES <= at + after; start++) {
    const most = Math.min(MAX_STRETCH_MINUTES, at + after - start);
    let sum = 0;
    let known = 0;
    for (let length = 1; length <= most; length++) {
      const value = values[start + length - 1] ?? Number.NaN;
      if (isNumber(value)) {
        sum += value;
        known++;
      }
      if (length < MIN_STRETCH_MINUTES || known * 2 < length) continue;
      const effect = sum / known - level;
      if (!(effect <= strongest.effect)) strongest = { effect, start, length };
    }
  }
  return strongest;
}

/** The strongest stretch and how often chance alone makes one as strong. */
export interface PlaceboStretch extends Stretch {
  /** 1 where data is missing. */
  readonly p: number;
  /** How many other times it was compared with. */
  readonly placebos: number;
}

/**
 * The strongest stretch after a change, calibrated on other times of the same
 * series with the very same statistic.
 *
 * @param values One a minute.
 * @param options The window, and the placebo changes' minutes. Those whose
 *   window reaches into the minutes after the change are left out.
 */
export function placeboStretch(
  values: Float64Array,
  options: StretchWindow & { readonly placebosAt: readonly number[] },
): PlaceboStretch {
  const { at, before, after, placebosAt } = options;
  const stretch = strongestStretch(values, options);
  const nulls = placebosAt
    .filter((other) => other + after <= at || other - before >= at + after)
    .map((other) =>
      strongestStretch(values, { at: other, before, after }).effect
    )
    .filter(isNumber);
  return {
    ...stretch,
    p: placeboTailP(stretch.effect, nulls),
    placebos: nulls.length,
  };
}

function isNumber(value: number): boolean {
  return !Number.isNaN(value);
}
