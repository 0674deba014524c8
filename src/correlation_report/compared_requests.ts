import * as z from "zod/mini";
import type { RequestStats } from "../map/service_window.ts";
import {
  nsOfMs,
  percentiles,
  ratePerSecond,
  requestFigures,
} from "../query/figures.ts";
import {
  distributionComparison,
  distributionComparisonSchema,
} from "./distribution_comparison.ts";
import {
  metricComparison,
  metricComparisonSchema,
} from "./metric_comparison.ts";

/** How requests went before and after a change. */
export const comparedRequestsFields = {
  latency: metricComparisonSchema.check(z.describe("95th percentile, ns.")),
  latency_p50: metricComparisonSchema.check(z.describe("ns.")),
  latency_p99: metricComparisonSchema.check(z.describe("ns.")),
  error_rate: metricComparisonSchema.check(z.describe("Ratio, 0 to 1.")),
  request_rate: metricComparisonSchema.check(z.describe("Per second.")),
  distribution: distributionComparisonSchema,
};

/** How requests went before and after a change. */
export type ComparedRequests = z.infer<
  z.ZodMiniObject<typeof comparedRequestsFields>
>;

/** Requests of some time. */
export interface RequestsOfTime extends RequestStats {
  /** Its length, ms. */
  readonly lengthMs: number;
}

/** Requests before a change, and after it. */
export function comparedRequests(
  before: RequestsOfTime,
  after: RequestsOfTime,
): ComparedRequests {
  const was = figuresOf(before);
  const is = figuresOf(after);
  return {
    latency: metricComparison(was.p95, is.p95),
    latency_p50: metricComparison(was.p50, is.p50),
    latency_p99: metricComparison(was.p99, is.p99),
    error_rate: metricComparison(was.error_rate, is.error_rate),
    request_rate: metricComparison(
      ratePerSecond(was.request_count, was.length),
      ratePerSecond(is.request_count, is.length),
    ),
    distribution: distributionComparison(before, after),
  };
}

function figuresOf({ duration, failed, lengthMs }: RequestsOfTime) {
  return {
    ...percentiles(duration),
    ...requestFigures(duration.count, failed),
    length: nsOfMs(lengthMs),
  };
}
