import { nodeId } from "../map/node_identity.ts";
import type { EdgeKey, ServiceWindow } from "../map/service_window.ts";
import { edgeId } from "../map/window_entries.ts";
import {
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

/** An edge in which nothing happened. */
export function emptyEdgeSeries(key: EdgeKey, minutes: number): EdgeSeries {
  return {
    id: edgeId(key),
    from: nodeId(key.from),
    to: nodeId(key.to),
    connectionType: key.connectionType,
    calls: emptyRequests(minutes),
    client: emptyLatency(minutes),
  };
}

/**
 * Puts the minutes of an hour together.
 *
 * @param windows By minute of the hour, 0 to 59.
 */
export function hourSeries(
  windows: Iterable<readonly [minute: number, window: Readonly<ServiceWindow>]>,
): HourSeries {
  const entries = emptyRequests(HOUR_MINUTES);
  const roots = emptyRequests(HOUR_MINUTES);
  const edges = new Map<string, EdgeSeries>();
  for (const [minute, window] of windows) {
    const { entries: served, roots: begun } = window;
    setRequests(entries, { minute, latency: served.duration, ...served });
    setRequests(roots, { minute, latency: begun.duration, ...begun });
    for (const [id, { key, latency, client, failed }] of window.edges) {
      const edge = edges.get(id) ?? emptyEdgeSeries(key, HOUR_MINUTES);
      edges.set(id, edge);
      setRequests(edge.calls, { minute, latency, failed });
      setLatency(edge.client, { minute, latency: client });
    }
  }
  return { entries, roots, edges: [...edges.values()] };
}
