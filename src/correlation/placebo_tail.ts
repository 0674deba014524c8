import { placeboP } from "./placebo.ts";

/** Placebos from which on their tail is known well enough to go beyond it. */
export const MIN_TAIL_PLACEBOS = 100;
const TAIL_SHARE = 0.1;

/**
 * The placebo p-value, which is never below 1 / (n + 1), carried on beyond
 * the largest placebo by an exponential tail, so that a find can survive the
 * correction for many edges. It is the plain one for fewer than
 * `MIN_TAIL_PLACEBOS`, and wherever a placebo reaches the seen value.
 *
 * Source: after Knijnenburg et al. 2009, "Fewer permutations, more accurate
 * P-values", with a generalized Pareto tail of shape 0.
 */
export function placeboTailP(
  seen: number,
  placebos: readonly number[],
): number {
  const nulls = placebos.filter((value) => !Number.isNaN(value))
    .toSorted((a, b) => b - a);
  const plain = placeboP(seen, nulls);
  const largest = nulls[0] ?? Infinity;
  if (nulls.length < MIN_TAIL_PLACEBOS || !(seen > largest)) return plain;
  const inTail = Math.floor(nulls.length * TAIL_SHARE);
  const threshold = nulls[inTail] ?? largest;
  const excess = nulls.slice(0, inTail)
    .reduce((sum, value) => sum + value - threshold, 0) / inTail;
  if (excess <= 0) return plain;
  return Math.min(plain, TAIL_SHARE * Math.exp(-(seen - threshold) / excess));
}
