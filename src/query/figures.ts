import type { Histogram } from "../map/histogram.ts";

const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;
// Counts are sums of weights; what float addition leaves behind is no count.
const COUNT_STEPS = 1e6;
const RELATIVE_NOISE = 1e-12;

/**
 * A weighted count without the noise of adding floats: whole where every
 * weight was, else with six decimals; never below 0.
 *
 * @example
 * ```ts
 * import { settledCount } from "../src/query/figures.ts";
 *
 * expect(settledCount(0.1 + 0.2)).toBe(0.3);
 * expect(settledCount(2.0000000004)).toBe(2);
 * ```
 */
export function settledCount(count: number): number {
  if (count <= 0) return 0;
  const whole = Math.round(count);
  const noise = Math.max(1 / COUNT_STEPS, count * RELATIVE_NOISE);
  if (Math.abs(count - whole) < noise) return whole;
  return Math.round(count * COUNT_STEPS) / COUNT_STEPS;
}

/** How many requests, and which share of them failed (0 to 1). */
export interface RequestFigures {
  request_count: number;
  error_count: number;
  error_rate: number;
}

/** The figures of so many requests, `failed` of which failed. */
export function requestFigures(count: number, failed: number): RequestFigures {
  const requests = settledCount(count);
  const errors = Math.min(settledCount(failed), requests);
  return {
    request_count: requests,
    error_count: errors,
    error_rate: requests > 0 ? errors / requests : 0,
  };
}

/** How long half, 95 % and 99 % of the requests took at most, ns. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** How long half, 95 % and 99 % of the requests took at most, ns. */
export function percentiles(durations: Histogram): Percentiles {
  const [p50, p95, p99] = durations.quantiles(0.5, 0.95, 0.99);
  return {
    p50: Math.round(p50),
    p95: Math.round(p95),
    p99: Math.round(p99),
  };
}

/** The average, ns. */
export function averageNs(durations: Histogram): number {
  return Math.round(durations.meanNs());
}

/** A length of time in ns. */
export function nsOfMs(ms: number): number {
  return Math.round(ms * NS_PER_MS);
}

/** Requests a second. */
export function ratePerSecond(count: number, durationNs: number): number {
  return durationNs > 0 ? count / (durationNs / NS_PER_S) : 0;
}

/** A moment as RFC 3339. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
