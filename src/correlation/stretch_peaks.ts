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
  const peaks = new Float64Array(minutes).fill(Number.NaN);
  const starts = after - length + 1;
  // There are fewer minutes after it than a stretch has.
  if (starts < 1) return peaks;
  const means = new Float64Array(minutes).fill(-Infinity);
  for (let start = 0; start + length <= minutes; start++) {
    const end = start + length;
    if (series.known(start, end) * 2 < length) continue;
    means[start] = series.mean(start, end);
  }
  // Starts whose mean no later one reaches, highest first; from head to tail.
  const falling = new Int32Array(minutes);
  let head = 0;
  let tail = 0;
  for (let last = 0; last < minutes; last++) {
    const mean = means[last] ?? -Infinity;
    while (tail > head && (means[falling[tail - 1] ?? 0] ?? 0) <= mean) tail--;
    falling[tail++] = last;
    const first = last - starts + 1;
    while ((falling[head] ?? last) < first) head++;
    const peak = means[falling[head] ?? 0] ?? -Infinity;
    if (first >= 0 && peak > -Infinity) peaks[first] = peak;
  }
  return peaks;
}
