/**
 * The q-value of each p-value: the share of false finds to expect when this
 * one and all smaller ones are believed.
 *
 * Source: Benjamini and Hochberg 1995; as R's `p.adjust(p, "BH")`.
 *
 * @param pValues 0 to 1 each, in any order.
 * @returns In the same order.
 *
 * @example
 * ```ts
 * import { benjaminiHochberg } from "../src/correlation/benjamini_hochberg.ts";
 *
 * const q = benjaminiHochberg([0.01, 0.04, 0.03, 0.5]);
 * expect(q[0]).toBeCloseTo(0.04, 12);
 * expect(q[1]).toBeCloseTo(0.16 / 3, 12);
 * ```
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const falling = pValues
    .map((p, at) => ({ p, at }))
    .toSorted((a, b) => b.p - a.p);
  const qValues = pValues.map(() => 1);
  let least = 1;
  for (const [index, { p, at }] of falling.entries()) {
    least = Math.min(least, (p * falling.length) / (falling.length - index));
    qValues[at] = least;
  }
  return qValues;
}
