import type { ConnectionType } from "../map/service_window.ts";

/** Minutes that one series may have: three days. */
export const MAX_SERIES_MINUTES = 3 * 24 * 60;
/** Edges of one series; those with fewest requests are left out. */
export const MAX_SERIES_EDGES = 1000;

/**
 * Edges times minutes of one series: 44 bytes each, beside which an isolate
 * has to hold what it reads. Fewer edges fit a longer one.
 */
export const MAX_SERIES_EDGE_MINUTES = 1_500_000;

/** The names of a `LatencySeries`, in the order in which it is stored. */
export const LATENCY_COLUMNS = ["count", "sumNs", "p50", "p95", "p99"] as const;

/** How long requests took, a number a minute. */
export interface LatencySeries {
  /** Weighted requests. */
  readonly count: Float32Array;
  /** Weighted sum of their durations, ns. */
  readonly sumNs: Float32Array;
  /** Median, log2 of ns; NaN where the minute has no request. */
  readonly p50: Float32Array;
  /** 95th percentile, log2 of ns; NaN likewise. */
  readonly p95: Float32Array;
  /** 99th percentile, log2 of ns; NaN likewise. */
  readonly p99: Float32Array;
}

/** Requests and how they went, a number a minute. */
export interface RequestSeries extends LatencySeries {
  /** Weighted failed requests. */
  readonly failed: Float32Array;
}

/** Both sides of the calls of an edge. */
export interface EdgeFigures {
  /** By the server's span where there is one, else by the client's. */
  readonly calls: RequestSeries;
  /** The same calls as the caller saw them; count 0 where it told nothing. */
  readonly client: LatencySeries;
}

/** What one edge did, minute by minute. */
export interface EdgeSeries extends EdgeFigures {
  /** `edgeId` of the map. */
  readonly id: string;
  /** `nodeId` of the caller. */
  readonly from: string;
  /** `nodeId` of the callee. */
  readonly to: string;
  readonly connectionType: ConnectionType;
}

/** What one service did, minute by minute. */
export interface ServiceSeries {
  /** `nodeId`. */
  readonly id: string;
  /** What it served; of a service that serves nothing, its root spans. */
  readonly requests: RequestSeries;
}

/** A service map, minute by minute; every array has `minutes` numbers. */
export interface MapSeries {
  /** Start of minute 0, s since the epoch; a whole minute. */
  readonly startS: number;
  readonly minutes: number;
  readonly edges: readonly EdgeSeries[];
  readonly services: readonly ServiceSeries[];
}

/** Requests of which none came. */
export function emptyRequests(minutes: number): RequestSeries {
  return { ...emptyLatency(minutes), failed: new Float32Array(minutes) };
}

/** Latency of no request. */
export function emptyLatency(minutes: number): LatencySeries {
  return {
    count: new Float32Array(minutes),
    sumNs: new Float32Array(minutes),
    p50: new Float32Array(minutes).fill(Number.NaN),
    p95: new Float32Array(minutes).fill(Number.NaN),
    p99: new Float32Array(minutes).fill(Number.NaN),
  };
}

/** The sum of all minutes. */
export function total(values: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] ?? 0;
  return sum;
}
