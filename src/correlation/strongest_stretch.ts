import type { ChangeWindow } from "./change_window.ts";
import type { RatioSeries } from "./ratio_series.ts";

/** The shortest effect that is looked for, minutes. */
export const MIN_STRETCH_MINUTES = 5;
/** The longer stretch; a still longer effect shows in it as well. */
export const MAX_STRETCH_MINUTES = 10;

/** Some minutes and how far they are above the baseline. */
export interface Stretch {
  /** Mean of the minutes less the mean before; NaN where data is missing. */
  readonly effect: number;
  /** First minute; -1 where data is missing. */
  readonly start: number;
  /** Minutes. */
  readonly length: number;
}

const NOTHING: Stretch = { effect: Number.NaN, start: -1, length: 0 };

/**
 * The 5 or 10 minutes after a change that are highest above the baseline. Of
 * a stretch, and of the baseline, half of the minutes must be known.
 *
 * @example
 * ```ts
 * import { levelSeries } from "../src/correlation/ratio_series.ts";
 * import { strongestStretch } from "../src/correlation/strongest_stretch.ts";
 *
 * const level = new Float64Array(60).fill(3, 32, 37);
 * const series = levelSeries(level, level.map(() => 1));
 * expect(strongestStretch(series, { at: 30, before: 30, after: 30 }))
 *   .toEqual({ effect: 3, start: 32, length: 5 });
 * ```
 */
export function strongestStretch(
  series: RatioSeries,
  window: ChangeWindow,
): Stretch {
  const { at, after } = window;
  const level = baseline(series, window);
  if (Number.isNaN(level)) return NOTHING;
  let strongest = NOTHING;
  for (const length of [MIN_STRETCH_MINUTES, MAX_STRETCH_MINUTES]) {
    for (let start = at; start + length <= at + after; start++) {
      const end = start + length;
      if (series.known(start, end) * 2 < length) continue;
      const effect = series.mean(start, end) - level;
      if (!(effect <= strongest.effect)) strongest = { effect, start, length };
    }
  }
  return strongest;
}

/** All minutes after a change, against those before. */
export function wholeStretch(
  series: RatioSeries,
  window: ChangeWindow,
): Stretch {
  const { at, after } = window;
  const level = baseline(series, window);
  const end = at + after;
  if (Number.isNaN(level) || series.known(at, end) * 2 < after) return NOTHING;
  return { effect: series.mean(at, end) - level, start: at, length: after };
}

function baseline(
  series: RatioSeries,
  { at, before, after }: ChangeWindow,
): number {
  const from = at - before;
  if (from < 0 || at + after > series.minutes) return Number.NaN;
  return series.known(from, at) * 2 < before
    ? Number.NaN
    : series.mean(from, at);
}
