import {
  bucketMiddleNs,
  type Histogram,
  HISTOGRAM_SCALE,
} from "../map/histogram.ts";

/**
 * Units of a count. Totals are whole numbers of units: floats that are added
 * in another order differ in their last digit, and a counter must not fall by
 * that. Beyond 2^53 units (8.8e12 requests) they would.
 */
export const COUNT_UNITS = 1024;

/** Units of a sum a second. */
export const SUM_UNITS_PER_S = 1e6;

/** How many numbers the bounds of a histogram take: sum, buckets, count. */
export function blockLength(bounds: readonly number[]): number {
  return bounds.length + 2;
}

const NS_PER_S = 1e9;
const NS_PER_SUM_UNIT = NS_PER_S / SUM_UNITS_PER_S;
const known = new WeakMap<readonly number[], Int32Array>();

/**
 * Writes a histogram as Prometheus' classic ones are: the sum, how many took
 * at most each bound, and the count, in whole units.
 *
 * A bucket of the sketch counts where its middle is. Hence a duration within
 * 1.1 % of a bound (half a bucket) may count in the next one; by their upper
 * bounds it would be 2.2 %. Which way depends on the bucket alone, so that a
 * count never falls as others come.
 *
 * @param into From `at` on, `blockLength` numbers.
 */
export function writeBlock(
  into: Float64Array,
  at: number,
  { histogram, bounds }: {
    readonly histogram: Histogram;
    readonly bounds: readonly number[];
  },
): void {
  const lasts = lastIndexes(bounds);
  const first = at + 1;
  const top = first + bounds.length;
  into[at] = Math.max(0, Math.round(histogram.sumNs / NS_PER_SUM_UNIT));
  into[first] = units(histogram.zeroCount);
  for (const [index, count] of histogram.buckets) {
    const bucket = first + place(lasts, index);
    into[bucket] = (into[bucket] ?? 0) + units(count);
  }
  for (let bucket = first + 1; bucket <= top; bucket++) {
    into[bucket] = (into[bucket] ?? 0) + (into[bucket - 1] ?? 0);
  }
}

/** A count in units. */
export function units(count: number): number {
  return Math.max(0, Math.round(count * COUNT_UNITS));
}

/** The first bound that a bucket of the sketch is within. */
function place(lasts: Int32Array, index: number): number {
  let low = 0;
  let high = lasts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (index <= (lasts[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The last bucket of the sketch that counts as within each bound. */
function lastIndexes(bounds: readonly number[]): Int32Array {
  const before = known.get(bounds);
  if (before !== undefined) return before;
  const lasts = Int32Array.from(
    bounds,
    (bound) =>
      Math.floor(
        Math.log2(NS_PER_S * bound / bucketMiddleNs(0)) * 2 ** HISTOGRAM_SCALE,
      ),
  );
  known.set(bounds, lasts);
  return lasts;
}
