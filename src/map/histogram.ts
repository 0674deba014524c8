import type { ByteReader } from "../codec/byte_reader.ts";
import type { ByteWriter } from "../codec/byte_writer.ts";

/**
 * The resolution of every latency sketch: buckets grow by 2^(1/32), so that a
 * quantile is within 1.1 % of the true one.
 */
export const HISTOGRAM_SCALE = 5;

const BUCKETS_PER_DOUBLING = 2 ** HISTOGRAM_SCALE;
const NS_PER_S = 1e9;
/** Below this a count is the rest of a float subtraction, not a request. */
export const COUNT_EPSILON = 1e-6;

/**
 * An OpenTelemetry exponential histogram of durations (scale 5, sparse).
 * Counts may be fractions (sampling) and, in a correction, negative.
 *
 * Bucket `i` holds durations in (2^(i/32), 2^((i+1)/32)] **seconds**, as
 * OpenTelemetry's data model numbers them; a Prometheus native histogram of
 * schema 5 calls the same bucket `i + 1`.
 *
 * Source: OpenTelemetry specification, metrics data model, ExponentialHistogram.
 *
 * @example
 * ```ts
 * import { Histogram } from "../src/map/histogram.ts";
 *
 * const latency = new Histogram();
 * for (let ms = 1; ms <= 1000; ms++) latency.record(ms * 1e6, 1);
 * expect(Math.abs(latency.quantile(0.95) / 950e6 - 1)).toBeLessThan(0.011);
 * ```
 */
export class Histogram {
  /** Weighted number of durations. */
  count = 0;
  /** Weighted sum, ns. */
  sumNs = 0;
  /** Smallest duration ever recorded, ns; Infinity before the first. */
  minNs = Infinity;
  /** Largest duration ever recorded, ns; 0 before the first. */
  maxNs = 0;
  /** Weighted number of durations of exactly 0. */
  zeroCount = 0;
  /** Weighted count by bucket index; no entry is 0. */
  readonly buckets: Map<number, number> = new Map();

  /**
   * Adds a duration `weight` times; a negative weight takes it back.
   *
   * @param durationNs Duration, ns, 0 or more.
   * @param weight How many requests it stands for.
   */
  record(durationNs: number, weight: number): void {
    this.count = settled(this.count + weight);
    this.sumNs += durationNs * weight;
    if (weight > 0) {
      if (durationNs < this.minNs) this.minNs = durationNs;
      if (durationNs > this.maxNs) this.maxNs = durationNs;
    }
    if (durationNs <= 0) this.zeroCount = settled(this.zeroCount + weight);
    else this.#add(bucketIndex(durationNs), weight);
  }

  /** Adds all of `other` to this one, exactly. */
  merge(other: Histogram): void {
    this.count = settled(this.count + other.count);
    this.sumNs += other.sumNs;
    this.zeroCount = settled(this.zeroCount + other.zeroCount);
    if (other.minNs < this.minNs) this.minNs = other.minNs;
    if (other.maxNs > this.maxNs) this.maxNs = other.maxNs;
    for (const [index, count] of other.buckets) this.#add(index, count);
  }

  #add(index: number, weight: number): void {
    const count = settled((this.buckets.get(index) ?? 0) + weight);
    if (count === 0) this.buckets.delete(index);
    else this.buckets.set(index, count);
  }

  /**
   * The duration that a share of the requests stayed within, ns.
   *
   * @param q Share, 0 to 1.
   * @returns The nearest-rank quantile, within 1.1 %; 0 where nothing was
   *   recorded.
   */
  quantile(q: number): number {
    return this.#quantileOf(this.#indexes(), q);
  }

  /** Several quantiles, ns: faster than one by one. */
  quantiles<Shares extends readonly number[]>(
    ...shares: Shares
  ): { [Index in keyof Shares]: number };
  quantiles(...shares: readonly number[]): number[] {
    const indexes = this.#indexes();
    return shares.map((q) => this.#quantileOf(indexes, q));
  }

  #quantileOf(indexes: Int32Array, q: number): number {
    if (this.count <= 0) return 0;
    let rest = Math.max(q * this.count, Math.min(1, this.count)) -
      COUNT_EPSILON;
    rest -= this.zeroCount;
    if (rest <= 0) return 0;
    for (const index of indexes) {
      rest -= this.buckets.get(index) ?? 0;
      if (rest <= 0) return this.#withinRange(bucketMiddleNs(index));
    }
    return this.maxNs;
  }

  /** The mean, ns; 0 where nothing was recorded. */
  meanNs(): number {
    return this.count > 0 ? Math.max(0, this.sumNs / this.count) : 0;
  }

  /** In ascending order; an array of integers sorts without a comparison. */
  #indexes(): Int32Array {
    const indexes = new Int32Array(this.buckets.size);
    let at = 0;
    for (const index of this.buckets.keys()) indexes[at++] = index;
    return indexes.sort();
  }

  #withinRange(ns: number): number {
    return Math.min(Math.max(ns, this.minNs), this.maxNs);
  }

  /** Appends the histogram to a buffer. */
  write(to: ByteWriter): void {
    to.number(this.count);
    to.number(this.sumNs);
    to.number(Number.isFinite(this.minNs) ? this.minNs : -1);
    to.number(this.maxNs);
    to.number(this.zeroCount);
    to.varint(this.buckets.size);
    let previous = 0;
    for (const index of this.#indexes()) {
      to.signed(index - previous);
      to.number(this.buckets.get(index) ?? 0);
      previous = index;
    }
  }

  /** Steps over a histogram that `write` appended. */
  static skip(from: ByteReader): void {
    for (let numbers = 5; numbers > 0; numbers--) from.number();
    for (let left = from.varint(); left > 0; left--) {
      from.varint();
      from.number();
    }
  }

  /** The histogram that `write` appended. */
  static read(from: ByteReader): Histogram {
    const histogram = new Histogram();
    histogram.count = from.number();
    histogram.sumNs = from.number();
    const minNs = from.number();
    histogram.minNs = minNs < 0 ? Infinity : minNs;
    histogram.maxNs = from.number();
    histogram.zeroCount = from.number();
    let index = 0;
    for (let left = from.varint(); left > 0; left--) {
      index += from.signed();
      histogram.buckets.set(index, from.number());
    }
    return histogram;
  }
}

/**
 * The bucket of a duration.
 *
 * @param durationNs Duration, ns, above 0.
 */
export function bucketIndex(durationNs: number): number {
  return Math.ceil(Math.log2(durationNs / NS_PER_S) * BUCKETS_PER_DOUBLING) - 1;
}

/** The geometric middle of a bucket, ns. */
export function bucketMiddleNs(index: number): number {
  return NS_PER_S * 2 ** ((index + 0.5) / BUCKETS_PER_DOUBLING);
}

function settled(count: number): number {
  return Math.abs(count) < COUNT_EPSILON ? 0 : count;
}
