import * as z from "zod/mini";
import { fisherExact } from "../correlation/fisher_exact.ts";
import { latencyBins } from "../correlation/latency_bins.ts";
import { mannWhitney } from "../correlation/mann_whitney.ts";
import { wasserstein } from "../correlation/wasserstein.ts";
import type { RequestStats } from "../map/service_window.ts";
import { ratioField } from "../query/answer_fields.ts";

/**
 * All requests before a change against all after it, each as if it had nothing
 * to do with the others: it describes, and no verdict rests on it.
 */
export const distributionComparisonSchema = z.strictObject({
  shift: z.nullable(z.number()).check(
    z.describe(
      "0.25: on the average 25 % slower; null where a side has no requests.",
    ),
  ),
  distance: z.nullable(z.number().check(z.minimum(0))).check(
    z.describe("As `shift`, but slower and faster requests do not cancel out."),
  ),
  slower: z.nullable(ratioField).check(
    z.describe(
      "How often one after is slower than one before; 0.5 without an effect.",
    ),
  ),
  failures_p: ratioField.check(
    z.describe("How likely chance alone makes as many more of them fail."),
  ),
}).register(z.globalRegistry, { id: "DistributionComparison" });

/** All requests before a change against all after it. */
export type DistributionComparison = z.infer<
  typeof distributionComparisonSchema
>;

/**
 * All requests before against all after: Wasserstein-1 in log latency,
 * Mann-Whitney U and Fisher's exact test.
 *
 * @example Twice as slow
 * ```ts
 * import { distributionComparison } from "../src/correlation_report/distribution_comparison.ts";
 * import { Histogram } from "../src/map/histogram.ts";
 *
 * const [before, after] = [100e6, 200e6].map((ns) => {
 *   const duration = new Histogram();
 *   duration.record(ns, 50);
 *   return { duration, failed: 0 };
 * });
 * if (before === undefined || after === undefined) throw new Error("two");
 * const compared = distributionComparison(before, after);
 * expect(compared.shift).toBeCloseTo(1, 10);
 * expect(compared).toMatchObject({ slower: 1, failures_p: 1 });
 * ```
 */
export function distributionComparison(
  before: RequestStats,
  after: RequestStats,
): DistributionComparison {
  const bins = latencyBins(before.duration, after.duration);
  const { shift, distance } = wasserstein(bins);
  const { share } = mannWhitney(bins);
  const { greater } = fisherExact(failedOf(before), failedOf(after));
  return {
    shift: ratioOf(shift),
    distance: ratioOf(distance),
    slower: Number.isNaN(share) ? null : share,
    failures_p: greater,
  };
}

function failedOf({ duration, failed }: RequestStats) {
  return { count: duration.count, failed };
}

function ratioOf(doublings: number): number | null {
  return Number.isNaN(doublings) ? null : 2 ** doublings - 1;
}
