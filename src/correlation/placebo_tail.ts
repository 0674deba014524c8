import { placeboP } from "./placebo.ts";

/** Placebos from which on their tail is known well enough to go beyond it. */
export const MIN_TAIL_PLACEBOS = 100;
/** The share of the placebos that the tail is learned from. */
const TAIL_SHARE = 0.25;

/** What is known of the placebos. */
export interface PlaceboTail {
  /**
   * How many of them share no minute with each other: overlapping ones say
   * the same more than once.
   */
  readonly independent: number;
  /**
   * The tail falls no faster than e-fold in so much. Where nothing at all
   * happens for a day, a single failed request is no proof. @default {0}
   */
  readonly resolution?: number;
}

/**
 * The placebo p-value, which is never below 1 / (n + 1) of the independent
 * ones, carried on beyond the largest placebo by an exponential tail whose
 * scale is not known exactly, so that a find can survive the correction for
 * many edges. It is the plain one for fewer than `MIN_TAIL_PLACEBOS`, and
 * wherever a placebo reaches the seen value.
 *
 * Source: after Knijnenburg et al. 2009, "Fewer permutations, more accurate
 * P-values", with the predictive distribution of an exponential tail (Lomax).
 */
export function placeboTailP(
  seen: number,
  placebos: readonly number[],
  { independent, resolution = 0 }: PlaceboTail,
): number {
  const nulls = Float64Array.from(
    placebos.filter((value) => !Number.isNaN(value)),
  ).sort().toReversed();
  const overlapping = placeboP(seen, nulls);
  const plain = Math.max(overlapping, 1 / (1 + independent));
  const largest = nulls[0] ?? Infinity;
  if (nulls.length < MIN_TAIL_PLACEBOS || !(seen > largest)) return plain;
  const inTail = Math.floor(nulls.length * TAIL_SHARE);
  const threshold = nulls[inTail] ?? largest;
  const excess = nulls.subarray(0, inTail)
    .reduce((sum, value) => sum + value - threshold, 0) / inTail;
  const scale = Math.max(excess, resolution);
  if (scale <= 0) return plain;
  const known = Math.max(1, independent * TAIL_SHARE);
  const beyond = (seen - threshold) / scale;
  return Math.min(plain, TAIL_SHARE * (1 + beyond / known) ** -known);
}
