import type { EdgeSeries } from "./edge_series.ts";
import { onset } from "./onset.ts";
import { placeboStretch, type StretchWindow } from "./strongest_stretch.ts";

/** Requests a side without which a median says nothing. */
export const MIN_REQUESTS_P50 = 30;
/** Requests a side without which a 95th percentile says nothing. */
export const MIN_REQUESTS_P95 = 100;
/** Smallest slowdown that counts, as a ratio of the latency before. */
export const MIN_SLOWDOWN = 0.1;
/** Smallest slowdown that counts, ns. */
export const MIN_SLOWDOWN_NS = 5e6;
/** Fewest failed requests beyond what was usual. */
export const MIN_EXCESS_ERRORS = 5;
/** Minutes from one placebo change to the next. */
export const PLACEBO_STEP_MINUTES = 5;

/** What is measured on an edge. */
export type EdgeMetric = "latency_p50" | "latency_p95" | "error_rate";

/** What one metric of one edge did after a change. */
export interface EdgeEffect {
  readonly edge: EdgeSeries;
  readonly metric: EdgeMetric;
  /** Latency: log2 of the ratio; error rate: the difference, a ratio. */
  readonly effect: number;
  readonly p: number;
  readonly placebos: number;
  /** True where the effect is large enough for anyone to care. */
  readonly large: boolean;
  /** Minutes from the change to the onset; undefined where there is none. */
  readonly onsetLag: number | undefined;
}

/**
 * Every metric of an edge that has traffic enough on both sides of a change,
 * against placebos at other times of the same edge.
 *
 * @returns Empty where there is not enough data.
 */
export function edgeEffects(
  edge: EdgeSeries,
  window: StretchWindow,
): EdgeEffect[] {
  const { at, before, after } = window;
  const requests = Math.min(
    total(edge.count, { start: at - before, end: at }),
    total(edge.count, { start: at, end: at + after }),
  );
  const metrics: [EdgeMetric, Float64Array][] = [];
  if (requests >= MIN_REQUESTS_P50) {
    metrics.push(["latency_p50", edge.p50]);
    metrics.push(["error_rate", errorRates(edge)]);
  }
  if (requests >= MIN_REQUESTS_P95) metrics.push(["latency_p95", edge.p95]);
  const placebosAt: number[] = [];
  const last = edge.count.length - after;
  for (let other = before; other <= last; other += PLACEBO_STEP_MINUTES) {
    placebosAt.push(other);
  }
  return metrics.flatMap(([metric, values]) => {
    const seen = placeboStretch(values, { ...window, placebosAt });
    if (seen.start < 0) return [];
    const end = seen.start + seen.length;
    const around = values.subarray(at - before, end);
    const found = onset(around);
    return {
      edge,
      metric,
      effect: seen.effect,
      p: seen.p,
      placebos: seen.placebos,
      large: metric === "error_rate"
        ? seen.effect * total(edge.count, { start: seen.start, end }) >=
          MIN_EXCESS_ERRORS
        : isSlower(seen.effect, values.subarray(seen.start, end)),
      onsetLag: found === undefined ? undefined : found.minute - before,
    };
  });
}

function isSlower(doublings: number, log2Ns: Float64Array): boolean {
  const known = log2Ns.filter((value) => !Number.isNaN(value));
  const level = known.reduce((sum, value) => sum + value, 0) / known.length;
  const before = 2 ** (level - doublings);
  const slowdown = 2 ** doublings - 1;
  return slowdown >= MIN_SLOWDOWN && slowdown * before >= MIN_SLOWDOWN_NS;
}

function errorRates({ count, failed }: EdgeSeries): Float64Array {
  return count.map((requests, minute) =>
    requests > 0 ? (failed[minute] ?? 0) / requests : Number.NaN
  );
}

function total(
  values: Float64Array,
  { start, end }: { readonly start: number; readonly end: number },
): number {
  return values.subarray(Math.max(0, start), end)
    .reduce((sum, value) => sum + value, 0);
}
