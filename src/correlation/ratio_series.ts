/**
 * A figure of which every minute has a sum and a weight, so that the mean of
 * any stretch is sum by weight: time by requests, failed by requests, a log
 * latency times requests by requests. Cumulative: a stretch costs two reads.
 */
export class RatioSeries {
  readonly minutes: number;
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;
  readonly #known: Uint32Array;

  /**
   * @param sum A number a minute; what is no number counts as nothing known.
   * @param weight A number a minute; 0 where nothing is known.
   */
  constructor(
    sum: ArrayLike<number>,
    weight: ArrayLike<number>,
  ) {
    this.minutes = weight.length;
    this.#sums = new Float64Array(this.minutes + 1);
    this.#weights = new Float64Array(this.minutes + 1);
    this.#known = new Uint32Array(this.minutes + 1);
    let sums = 0;
    let weights = 0;
    let known = 0;
    for (let minute = 0; minute < this.minutes; minute++) {
      const added = sum[minute] ?? Number.NaN;
      const by = weight[minute] ?? 0;
      if (by > 0 && !Number.isNaN(added)) {
        sums += added;
        weights += by;
        known++;
      }
      this.#sums[minute + 1] = sums;
      this.#weights[minute + 1] = weights;
      this.#known[minute + 1] = known;
    }
  }

  /** The mean of [start, end); NaN where nothing is known of it. */
  mean(start: number, end: number): number {
    const weight = this.weight(start, end);
    return weight > 0 ? this.sum(start, end) / weight : Number.NaN;
  }

  /** The sum of [start, end). */
  sum(start: number, end: number): number {
    return between(this.#sums, start, end);
  }

  /** The weight of [start, end), as requests. */
  weight(start: number, end: number): number {
    return between(this.#weights, start, end);
  }

  /** How many minutes of [start, end) anything is known of. */
  known(start: number, end: number): number {
    return between(this.#known, start, end);
  }
}

function between(
  cumulative: ArrayLike<number>,
  start: number,
  end: number,
): number {
  const last = cumulative.length - 1;
  const from = Math.min(Math.max(0, start), last);
  const to = Math.min(Math.max(from, end), last);
  return (cumulative[to] ?? 0) - (cumulative[from] ?? 0);
}

/** A figure that is a level itself, each minute counted by its weight. */
export function levelSeries(
  level: ArrayLike<number>,
  weight: ArrayLike<number>,
): RatioSeries {
  const sum = new Float64Array(weight.length);
  for (let minute = 0; minute < weight.length; minute++) {
    sum[minute] = (level[minute] ?? Number.NaN) * (weight[minute] ?? 0);
  }
  return new RatioSeries(sum, weight);
}
