import type { LatencyFigures } from "../map/scan_histogram.ts";
import type { ScannedRequests } from "../map/scan_window.ts";
import type { LatencySeries, RequestSeries } from "./map_series.ts";

/**
 * Puts one minute's latency into a series, in place of what is there.
 *
 * @param latency A minute that a correction took all back of has no request.
 */
export function setLatency(
  series: LatencySeries,
  { minute, latency }: {
    readonly minute: number;
    readonly latency: LatencyFigures;
  },
): void {
  const any = latency.count > 0;
  series.count[minute] = Math.max(0, latency.count);
  series.sumNs[minute] = any ? Math.max(0, latency.sumNs) : 0;
  series.p50[minute] = any ? log2Ns(latency.p50) : Number.NaN;
  series.p95[minute] = any ? log2Ns(latency.p95) : Number.NaN;
  series.p99[minute] = any ? log2Ns(latency.p99) : Number.NaN;
}

/** Puts one minute's requests into a series, in place of what is there. */
export function setRequests(
  series: RequestSeries,
  { minute, requests }: {
    readonly minute: number;
    readonly requests: ScannedRequests;
  },
): void {
  setLatency(series, { minute, latency: requests.duration });
  series.failed[minute] = Math.max(0, requests.failed);
}

function log2Ns(ns: number): number {
  return Math.log2(Math.max(1, ns));
}
