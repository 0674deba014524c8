import { Histogram } from "../map/histogram.ts";
import { nodeId } from "../map/node_identity.ts";
import type { ServiceWindow } from "../map/service_window.ts";
import { edgeId } from "../map/window_entries.ts";

const MS_PER_MINUTE = 60_000;

/** Edges that one report looks at; those with most requests are kept. */
export const MAX_SERIES_EDGES = 2000;
/** Minutes that one series may have: eight days. */
export const MAX_SERIES_MINUTES = 8 * 24 * 60;

/** What one edge did, a number a minute; minute 0 is the series' start. */
export interface EdgeSeries {
  /** `edgeId` of the map. */
  readonly id: string;
  /** `nodeId` of the caller. */
  readonly from: string;
  /** `nodeId` of the callee. */
  readonly to: string;
  /** Weighted requests. */
  readonly count: Float64Array;
  /** Weighted failed requests. */
  readonly failed: Float64Array;
  /** Median latency, log2 of ns; NaN where the minute has no request. */
  readonly p50: Float64Array;
  /** 95th percentile of latency, log2 of ns; NaN likewise. */
  readonly p95: Float64Array;
  /** Latency of each minute that had requests. */
  readonly latency: readonly (Histogram | undefined)[];
}

/** A service's window of one minute. */
export interface MinuteWindow {
  readonly startMs: number;
  readonly window: ServiceWindow;
}

/** The minutes [startMs, startMs + minutes * 60 000). */
export interface SeriesExtent {
  readonly startMs: number;
  readonly minutes: number;
}

interface GrowingEdge extends Omit<EdgeSeries, "latency"> {
  readonly latency: (Histogram | undefined)[];
}

/**
 * Minutes of services as a series an edge. An edge is counted in the window
 * of one service only, as the aggregates keep it; windows outside of the
 * extent are left out.
 *
 * @throws RangeError Where the extent has more than `MAX_SERIES_MINUTES`.
 */
export function edgeSeries(
  windows: Iterable<MinuteWindow>,
  { startMs, minutes }: SeriesExtent,
): EdgeSeries[] {
  if (minutes > MAX_SERIES_MINUTES) {
    throw new RangeError(
      `${minutes} minutes are asked for; ask for ${MAX_SERIES_MINUTES} at most.`,
    );
  }
  const edges = new Map<string, GrowingEdge>();
  for (const { startMs: at, window } of windows) {
    const minute = Math.floor((at - startMs) / MS_PER_MINUTE);
    if (minute < 0 || minute >= minutes) continue;
    for (const { key, failed, latency } of window.edges.values()) {
      const id = edgeId(key);
      let edge = edges.get(id);
      if (edge === undefined) {
        edge = quiet(
          id,
          { from: nodeId(key.from), to: nodeId(key.to) },
          minutes,
        );
        edges.set(id, edge);
      }
      edge.failed[minute] = (edge.failed[minute] ?? 0) + failed;
      add(edge, latency, minute);
    }
  }
  return [...edges.values()]
    .map((edge) => ({ edge, requests: edge.count.reduce((a, b) => a + b, 0) }))
    .toSorted((a, b) => b.requests - a.requests)
    .slice(0, MAX_SERIES_EDGES)
    .map(({ edge }) => edge);
}

function add(edge: GrowingEdge, latency: Histogram, minute: number): void {
  const known = edge.latency[minute];
  if (known === undefined) edge.latency[minute] = latency;
  // The window is the caller's: only what is ours is added to.
  else edge.latency[minute] = merged(known, latency);
  const all = edge.latency[minute] ?? latency;
  edge.count[minute] = Math.max(0, all.count);
  // A correction can take back all that a minute had.
  if (all.count <= 0) return;
  const [p50, p95] = all.quantiles(0.5, 0.95);
  edge.p50[minute] = Math.log2(Math.max(1, p50));
  edge.p95[minute] = Math.log2(Math.max(1, p95));
}

function merged(a: Histogram, b: Histogram): Histogram {
  const both = new Histogram();
  both.merge(a);
  both.merge(b);
  return both;
}

function quiet(
  id: string,
  { from, to }: { readonly from: string; readonly to: string },
  minutes: number,
): GrowingEdge {
  return {
    id,
    from,
    to,
    count: new Float64Array(minutes),
    failed: new Float64Array(minutes),
    p50: new Float64Array(minutes).fill(Number.NaN),
    p95: new Float64Array(minutes).fill(Number.NaN),
    latency: Array.from({ length: minutes }, () => undefined),
  };
}
