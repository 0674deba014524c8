import type { ChangeWindow } from "./change_window.ts";
import { mannWhitney } from "./mann_whitney.ts";
import { normalTail } from "./normal_tail.ts";
import type { RatioSeries } from "./ratio_series.ts";

/** Minutes that count as one observation: neighbours resemble each other. */
export const BLOCK_MINUTES = 5;
/** Blocks a side without which ranks say nothing. */
export const MIN_BLOCKS = 3;

/**
 * How likely it is that a figure is as much higher after a change by chance,
 * from the ranks of 5-minute blocks. It knows no daily rhythm: it is for those
 * who have no other times to compare with.
 *
 * @returns 1 where there are fewer than `MIN_BLOCKS` a side.
 */
export function blockTestP(
  series: RatioSeries,
  { at, before, after }: ChangeWindow,
): number {
  const earlier = blocks(series, at - before, at);
  const later = blocks(series, at, at + after);
  if (Math.min(earlier.length, later.length) < MIN_BLOCKS) return 1;
  const values = [...new Set([...earlier, ...later])].toSorted((a, b) => a - b);
  const rank = new Map(values.map((value, index) => [value, index]));
  function counts(of: readonly number[]): Float64Array {
    const ranks = new Float64Array(values.length);
    for (const value of of) {
      const index = rank.get(value) ?? 0;
      ranks[index] = (ranks[index] ?? 0) + 1;
    }
    return ranks;
  }
  return normalTail(
    mannWhitney({ before: counts(earlier), after: counts(later) }).z,
  );
}

function blocks(series: RatioSeries, start: number, end: number): number[] {
  const means: number[] = [];
  for (let from = start; from + BLOCK_MINUTES <= end; from += BLOCK_MINUTES) {
    const mean = series.mean(from, from + BLOCK_MINUTES);
    if (!Number.isNaN(mean)) means.push(mean);
  }
  return means;
}
