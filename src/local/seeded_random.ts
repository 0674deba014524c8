const TWO_TO_32 = 2 ** 32;

/**
 * Random numbers that a seed determines (mulberry32), so that generated
 * traffic is the same whenever it is asked for.
 *
 * @example
 * ```ts
 * import { SeededRandom } from "../src/local/seeded_random.ts";
 *
 * expect(new SeededRandom(7).hex(8)).toBe(new SeededRandom(7).hex(8));
 * ```
 */
export class SeededRandom {
  #state: number;

  /** @param seed A whole number; its lower 32 bits count. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  #uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A number from 0 up to, but not including, 1. */
  fraction(): number {
    return this.#uint32() / TWO_TO_32;
  }

  /** A whole number from 0 up to, but not including, `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /**
   * A log-normal number, as latencies are.
   *
   * @param median Half of the numbers are below it.
   * @param sigma Standard deviation of its natural logarithm.
   */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.fraction()));
    const normal = radius * Math.cos(2 * Math.PI * this.fraction());
    return median * Math.exp(sigma * normal);
  }

  /** As many random bytes as hex digits, two a byte; never all zero. */
  hex(bytes: number): string {
    let digits = "";
    while (digits.length < bytes * 2) {
      digits += this.#uint32().toString(16).padStart(8, "0");
    }
    digits = digits.slice(0, bytes * 2);
    return /[^0]/.test(digits) ? digits : this.hex(bytes);
  }

  /** The items in a random order (a copy). */
  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, at: this.fraction() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }
}
