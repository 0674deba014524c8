import type { RatioSeries } from "./ratio_series.ts";

/**
 * Of each minute the highest mean of so many minutes in a row that lie within
 * the minutes after it: what `strongestStretch` finds, for all minutes at
 * once. NaN where half of the minutes of no such stretch are known.
 */
export function stretchPeaks(
  series: RatioSeries,
  { length, after }: { readonly length: number; readonly after: number },
): Float64Array {
  const { minutes } = series;
  const means = Float64Array.from({ length: minutes }, (_, start) => {
    const end = start + length;
    if (end > minutes || series.known(start, end) * 2 < length) {
      return -Infinity;
    }
    return series.mean(start, end);
  });
  const peaks = new Float64Array(minutes).fill(Number.NaN);
  const starts = after - length + 1;
  // There are fewer minutes after it than a stretch has.
  if (starts < 1) return peaks;
  // Starts whose mean no later one reaches, highest first.
  const falling: number[] = [];
  let head = 0;
  for (let last = 0; last < minutes; last++) {
    const mean = means[last] ?? -Infinity;
    while (
      falling.length > head &&
      (means[falling.at(-1) ?? 0] ?? -Infinity) <= mean
    ) falling.pop();
    falling.push(last);
    const first = last - starts + 1;
    while (head < falling.length && (falling[head] ?? 0) < first) head++;
    const peak = means[falling[head] ?? 0] ?? -Infinity;
    if (first >= 0 && peak > -Infinity) peaks[first] = peak;
  }
  return peaks;
}
