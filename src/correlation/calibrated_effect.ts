import { blockTestP } from "./block_ranks.ts";
import {
  type ChangeWindow,
  independentPlaceboCount,
  MIN_INDEPENDENT_PLACEBOS,
  placeboMinutes,
} from "./change_window.ts";
import { placeboStudentP } from "./placebo_student.ts";
import { placeboTailP } from "./placebo_tail.ts";
import type { RatioSeries } from "./ratio_series.ts";
import { stretchPeaks } from "./stretch_peaks.ts";
import {
  MAX_STRETCH_MINUTES,
  MIN_STRETCH_MINUTES,
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
  /**
   * The least step in which the sum of some minutes can tell anything, as two
   * failed requests: below it a tail says nothing. @default {0}
   */
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
  const others = placeboMinutes(options, series.minutes);
  const strongest = calibrated(series, {
    ...options,
    stretch: strongestStretch(series, options),
    nulls: strongestRises(series, others, options),
    chanceOf: placeboTailP,
  });
  const whole = calibrated(series, {
    ...options,
    stretch: wholeStretch(series, options),
    nulls: others.map((at) => wholeStretch(series, { ...options, at }).effect),
    chanceOf: placeboStudentP,
  });
  const best = whole.p < strongest.p ? whole : strongest;
  return { ...best, p: Math.min(1, 2 * best.p) };
}

interface Look extends CalibrationOptions {
  readonly stretch: Stretch;
  /** The same statistic at other times; NaN where nothing is known. */
  readonly nulls: readonly number[];
  readonly chanceOf: typeof placeboTailP;
}

function calibrated(series: RatioSeries, look: Look): CalibratedEffect {
  const { stretch, chanceOf, resolution = 0 } = look;
  if (stretch.start < 0) {
    return { ...stretch, p: 1, placebos: 0, calibrated: true };
  }
  const nulls = look.nulls.filter((effect) => !Number.isNaN(effect));
  const independent = independentPlaceboCount(look, nulls.length);
  const end = stretch.start + stretch.length;
  const isCalibrated = independent >= MIN_INDEPENDENT_PLACEBOS;
  return {
    ...stretch,
    p: isCalibrated
      ? chanceOf(stretch.effect, nulls, {
        independent,
        resolution: resolution / series.weight(stretch.start, end),
      })
      : blockTestP(series, look),
    placebos: nulls.length,
    calibrated: isCalibrated,
  };
}

/** What `strongestStretch` finds at other times. */
function strongestRises(
  series: RatioSeries,
  others: readonly number[],
  { before, after }: ChangeWindow,
): readonly number[] {
  const short = stretchPeaks(series, { length: MIN_STRETCH_MINUTES, after });
  const long = stretchPeaks(series, { length: MAX_STRETCH_MINUTES, after });
  return others.map((at) => {
    if (series.known(at - before, at) * 2 < before) return Number.NaN;
    return higher(short[at], long[at]) - series.mean(at - before, at);
  });
}

/** The higher one that is known. */
function higher(one = Number.NaN, other = Number.NaN): number {
  if (Number.isNaN(one)) return other;
  return Number.isNaN(other) ? one : Math.max(one, other);
}
