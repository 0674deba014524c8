import {
  type ChangeWindow,
  independentPlaceboCount,
  placeboMinutes,
} from "./change_window.ts";
import { placeboStudentP } from "./placebo_student.ts";
import type { RatioSeries } from "./ratio_series.ts";

/** The share of quiet times that a rise has to be beyond. */
const USUAL_SHARE = 0.95;

/** What a part did beyond what it did before. */
export interface Excess {
  /** More time (ns) or failed requests than before; can be negative. */
  readonly excess: number;
  /** How much of that chance alone makes in 5 of 100 quiet times. */
  readonly chance: number;
  /** How often chance alone makes as much, 0 to 1. */
  readonly p: number;
}

/** Of a part of which too little is known. */
export const NO_EXCESS: Excess = { excess: 0, chance: 0, p: 1 };

/**
 * How much more there is, in all, than at the rate of before, compared with
 * the same at other times.
 *
 * @param resolution What one event more makes, as a sum: where nothing ever
 *   happened, each such event makes chance e times less likely. @default {0}
 */
export function excessOf(
  series: RatioSeries,
  window: ChangeWindow,
  resolution = 0,
): Excess {
  const { at, before, after } = window;
  const seen = rise(series, window);
  const weight = series.weight(at, at + after);
  if (Number.isNaN(seen)) return NO_EXCESS;
  const nulls: number[] = [];
  for (const other of placeboMinutes(window, series.minutes)) {
    const value = rise(series, { at: other, before, after });
    if (!Number.isNaN(value)) nulls.push(value);
  }
  const sorted = Float64Array.from(nulls).sort();
  const usual = sorted[Math.floor(nulls.length * USUAL_SHARE)] ?? 0;
  return {
    excess: seen * weight,
    chance: Math.max(0, usual) * weight,
    p: placeboStudentP(seen, nulls, {
      independent: independentPlaceboCount(window, nulls.length),
      resolution: resolution / weight,
    }),
  };
}

function rise(
  series: RatioSeries,
  { at, before, after }: ChangeWindow,
): number {
  return series.mean(at, at + after) - series.mean(at - before, at);
}
