/**
 * How often chance alone does as much: the same statistic at times when
 * nothing changed is what the seen one is compared with, so that daily rhythm
 * and requests that move together within a minute cost no false alarms.
 *
 * Source: rank-based permutation p-value, (1 + #{null >= seen}) / (n + 1).
 *
 * @param seen The statistic after the change; larger is more.
 * @param placebos The same at other times. Not numbers are no placebos.
 * @returns Above 0, at most 1; 1 where there is no placebo at all.
 *
 * @example
 * ```ts
 * import { placeboP } from "../src/correlation/placebo.ts";
 *
 * expect(placeboP(10, [1, 2, 3, 10])).toBe(2 / 5);
 * expect(placeboP(10, [])).toBe(1);
 * ```
 */
export function placeboP(seen: number, placebos: Iterable<number>): number {
  let asMuch = 0;
  let all = 0;
  for (const placebo of placebos) {
    if (Number.isNaN(placebo)) continue;
    all++;
    if (placebo >= seen) asMuch++;
  }
  return Number.isNaN(seen) ? 1 : (1 + asMuch) / (1 + all);
}
