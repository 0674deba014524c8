import type { Histogram } from "../map/histogram.ts";
import type { LatencySeries, RequestSeries } from "./map_series.ts";

/**
 * Puts one minute's latency into a series, in place of what is there.
 *
 * @param latency A minute that a correction took all back of has no request.
 */
export function setLatency(
  series: LatencySeries,
  { minute, latency }: { readonly minute: number; readonly latency: Histogram },
): void {
  const any = latency.count > 0;
  const [p50, p95, p99] = latency.quantiles(0.5, 0.95, 0.99);
  series.count[minute] = Math.max(0, latency.count);
  series.sumNs[minute] = any ? Math.max(0, latency.sumNs) : 0;
  series.p50[minute] = any ? log2Ns(p50) : Number.NaN;
  series.p95[minute] = any ? log2Ns(p95) : Number.NaN;
  series.p99[minute] = any ? log2Ns(p99) : Number.NaN;
}

/** Puts one minute's requests into a series, in place of what is there. */
export function setRequests(
  series: RequestSeries,
  { minute, latency, failed }: {
    readonly minute: number;
    readonly latency: Histogram;
    readonly failed: number;
  },
): void {
  setLatency(series, { minute, latency });
  series.failed[minute] = Math.max(0, failed);
}

function log2Ns(ns: number): number {
  return Math.log2(Math.max(1, ns));
}
