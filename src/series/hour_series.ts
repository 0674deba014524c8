import type { ScannedEdge, ScannedWindow } from "../map/scan_window.ts";
import {
  type EdgeFigures,
  type EdgeSeries,
  emptyLatency,
  emptyRequests,
  type RequestSeries,
} from "./map_series.ts";
import { setLatency, setRequests } from "./set_minute.ts";

/** Minutes of an hour. */
export const HOUR_MINUTES = 60;

/** One hour of one service, minute by minute. */
export interface HourSeries {
  /** What it served. */
  readonly entries: RequestSeries;
  /** Work that it began. */
  readonly roots: RequestSeries;
  readonly edges: readonly EdgeSeries[];
}

/** What names an edge of a series. */
export type EdgeName = Pick<
  EdgeSeries,
  "id" | "from" | "to" | "connectionType"
>;

/** An edge in which nothing happened. */
export function emptyEdgeSeries(
  { id, from, to, connectionType }: EdgeName,
  minutes: number,
): EdgeSeries {
  return {
    id,
    from,
    to,
    connectionType,
    calls: emptyRequests(minutes),
    client: emptyLatency(minutes),
  };
}

/** Puts one minute of an edge into its series. */
export function setFigures(
  { calls, client }: EdgeFigures,
  minute: number,
  edge: ScannedEdge,
): void {
  const { failed, latency } = edge;
  setRequests(calls, { minute, requests: { failed, duration: latency } });
  setLatency(client, { minute, latency: edge.client });
}

/**
 * Puts the minutes of an hour together.
 *
 * @param windows By minute of the hour, 0 to 59.
 */
export function hourSeries(
  windows: Iterable<readonly [minute: number, window: ScannedWindow]>,
): HourSeries {
  const entries = emptyRequests(HOUR_MINUTES);
  const roots = emptyRequests(HOUR_MINUTES);
  const edges = new Map<string, EdgeSeries>();
  for (const [minute, window] of windows) {
    setRequests(entries, { minute, requests: window.entries });
    setRequests(roots, { minute, requests: window.roots });
    for (const edge of window.edges) {
      const series = edges.get(edge.id) ?? emptyEdgeSeries(edge, HOUR_MINUTES);
      edges.set(edge.id, series);
      setFigures(series, minute, edge);
    }
  }
  return { entries, roots, edges: [...edges.values()] };
}
