import * as z from "zod/mini";

/** A figure before and after a change. */
export const metricComparisonSchema = z.strictObject({
  before: z.number(),
  after: z.number(),
  change: z.number(),
  pct_change: z.number().check(
    z.describe(
      "Per cent of `before`: 100 is twice as much; 0 where nothing was before.",
    ),
  ),
}).register(z.globalRegistry, { id: "MetricComparison" });

/** A figure before and after a change. */
export type MetricComparison = z.infer<typeof metricComparisonSchema>;

/**
 * A figure before and after a change.
 *
 * @example
 * ```ts
 * import { metricComparison } from "../src/correlation_report/metric_comparison.ts";
 *
 * expect(metricComparison(100, 250))
 *   .toEqual({ before: 100, after: 250, change: 150, pct_change: 150 });
 * ```
 */
export function metricComparison(
  before: number,
  after: number,
): MetricComparison {
  const change = after - before;
  return {
    before,
    after,
    change,
    pct_change: before > 0 ? 100 * change / before : 0,
  };
}
