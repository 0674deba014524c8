import type { LatencyBins } from "./latency_bins.ts";

/** What the Mann-Whitney test says. */
export interface MannWhitney {
  /** Pairs (before, after) in which `after` is larger; ties count half. */
  readonly u: number;
  /** `u` as a share of all pairs, 0.5 without an effect; NaN without data. */
  readonly share: number;
  /** Standard normal without an effect, above 0 where `after` is larger. */
  readonly z: number;
}

/**
 * Mann-Whitney U from histogram bins, corrected for ties (each bin is one).
 * It says how much the two differ; whether that is unusual is asked of
 * placebos, because requests of one minute do not come independently.
 *
 * Source: Mann and Whitney 1947; scipy's `mannwhitneyu(method="asymptotic",
 * use_continuity=False)`.
 *
 * @example
 * ```ts
 * import { latencyBins } from "../src/correlation/latency_bins.ts";
 * import { mannWhitney } from "../src/correlation/mann_whitney.ts";
 * import { Histogram } from "../src/map/histogram.ts";
 *
 * const before = new Histogram();
 * const after = new Histogram();
 * before.record(100e6, 50);
 * after.record(200e6, 50);
 * expect(mannWhitney(latencyBins(before, after)).share).toBe(1);
 * ```
 */
export function mannWhitney(
  { before, after }: Pick<LatencyBins, "before" | "after">,
): MannWhitney {
  let countBefore = 0;
  let countAfter = 0;
  let u = 0;
  let ties = 0;
  for (const [at, inBefore] of before.entries()) {
    const inAfter = after[at] ?? 0;
    u += inAfter * (countBefore + inBefore / 2);
    countBefore += inBefore;
    countAfter += inAfter;
    const tied = inBefore + inAfter;
    ties += tied ** 3 - tied;
  }
  const pairs = countBefore * countAfter;
  if (pairs === 0) return { u: 0, share: Number.NaN, z: 0 };
  const all = countBefore + countAfter;
  const variance = (pairs / 12) * (all + 1 - ties / (all * (all - 1)));
  const z = variance > 0 ? (u - pairs / 2) / Math.sqrt(variance) : 0;
  return { u, share: u / pairs, z };
}
