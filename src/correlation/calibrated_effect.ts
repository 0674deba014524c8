import { blockTestP } from "./block_test.ts";
import {
  type ChangeWindow,
  independentPlaceboCount,
  MIN_INDEPENDENT_PLACEBOS,
  placeboMinutes,
} from "./change_window.ts";
import { placeboStudentP } from "./placebo_student.ts";
import { placeboTailP } from "./placebo_tail.ts";
import type { RatioSeries } from "./ratio_series.ts";
import {
  type Stretch,
  strongestStretch,
  wholeStretch,
} from "./strongest_stretch.ts";

/** How far a figure rose after a change, and how often chance does as much. */
export interface CalibratedEffect extends Stretch {
  /** 1 where data is missing. */
  readonly p: number;
  /** How many other times of the same series it was compared with. */
  readonly placebos: number;
  /** Whether they are enough; else ranks of before and after alone tell. */
  readonly calibrated: boolean;
}

/** What an effect is looked for with. */
export interface CalibrationOptions extends ChangeWindow {
  /** The least step in which the figure can change, below which a tail says
   * nothing: one failed request by the requests. @default {0} */
  readonly resolution?: number;
}

/**
 * The rise of a figure after a change, calibrated on other times of the same
 * series with the very same statistic. Two are looked at, the strongest 5 or
 * 10 minutes and all minutes; the better of both p-values counts, twice.
 */
export function calibratedEffect(
  series: RatioSeries,
  options: CalibrationOptions,
): CalibratedEffect {
  const { before, after, resolution = 0 } = options;
  const others = placeboMinutes(options, series.minutes);
  const looks = ([
    [strongestStretch, placeboTailP],
    [wholeStretch, placeboStudentP],
  ] as const).map(([statistic, chanceOf]) => {
    const stretch = statistic(series, options);
    if (stretch.start < 0) {
      return { ...stretch, p: 1, placebos: 0, calibrated: true };
    }
    const nulls = others
      .map((at) => statistic(series, { at, before, after }).effect)
      .filter((effect) => !Number.isNaN(effect));
    const independent = independentPlaceboCount(options, nulls.length);
    const calibrated = independent >= MIN_INDEPENDENT_PLACEBOS;
    return {
      ...stretch,
      p: calibrated
        ? chanceOf(stretch.effect, nulls, { independent, resolution })
        : blockTestP(series, options),
      placebos: nulls.length,
      calibrated,
    };
  });
  const best = looks.reduce((a, b) => b.p < a.p ? b : a);
  return { ...best, p: Math.min(1, looks.length * best.p) };
}
