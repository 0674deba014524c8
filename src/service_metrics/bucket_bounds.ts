/** Upper bounds of the histograms of requests, s: Tempo's own. */
export const DEFAULT_GRAPH_BOUNDS: readonly number[] = [
  0.1,
  0.2,
  0.4,
  0.8,
  1.6,
  3.2,
  6.4,
  12.8,
];

const SPAN_BUCKETS = 14;
const LEAST_SPAN_BOUND = 0.002;

/** Upper bounds of the histograms of spans, s: 2 ms and its doublings. */
export const SPAN_BOUNDS: readonly number[] = Array.from(
  { length: SPAN_BUCKETS },
  (_, at) => LEAST_SPAN_BOUND * 2 ** at,
);

/** Bounds that SERVICE_GRAPH_BUCKETS can have. */
export const MAX_GRAPH_BOUNDS = 32;

const LEAST_BOUND = 1e-6;
const MOST_BOUND = 1e5;

/**
 * The bounds of a list; null where the text is none.
 *
 * @example
 * ```ts
 * import { graphBounds } from "../src/service_metrics/bucket_bounds.ts";
 *
 * expect(graphBounds("0.005, 0.1,2.5")).toEqual([0.005, 0.1, 2.5]);
 * expect(graphBounds("2,1")).toBe(null);
 * ```
 */
export function graphBounds(text: string): readonly number[] | null {
  const bounds = text.split(",").map((part) =>
    /^\s*\d{0,6}\.?\d{1,9}\s*$/.test(part) ? Number(part) : NaN
  );
  const rises = bounds.every((bound, at) =>
    bound >= LEAST_BOUND && bound <= MOST_BOUND &&
    (at === 0 || bound > (bounds[at - 1] ?? Infinity))
  );
  return rises && bounds.length <= MAX_GRAPH_BOUNDS ? bounds : null;
}
