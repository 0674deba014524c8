import type { SpanKind, StatusCode } from "../map/span_kind.ts";
import type {
  ConnectionType,
  EdgeKey,
  OperationStats,
} from "../map/service_window.ts";
import { OVERFLOW_NAME } from "../map/window_entries.ts";

/**
 * Requests from one node to another, as the labels of the service graph tell
 * them apart: several edges of the map can be one, since environments, brokers
 * and queues are no labels.
 */
export interface EdgeSeriesKey {
  readonly sort: "edge";
  readonly clientNamespace: string;
  readonly client: string;
  readonly serverNamespace: string;
  readonly server: string;
  readonly connectionType: ConnectionType;
}

/** Spans of one operation. */
export interface OperationSeriesKey {
  readonly sort: "operation";
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: StatusCode;
}

/** Spans of the service that are on no edge. */
export interface SpansSeriesKey {
  readonly sort: "spans";
}

/** What tells one series of a service from another. */
export type SeriesKey = EdgeSeriesKey | OperationSeriesKey | SpansSeriesKey;

/** The series of spans that are on no edge. */
export const SPANS_SERIES: SpansSeriesKey = { sort: "spans" };

/** The series of an edge. */
export function edgeSeries(
  { from, to, connectionType }: EdgeKey,
): EdgeSeriesKey {
  return {
    sort: "edge",
    clientNamespace: from.namespace.toWellFormed(),
    client: from.name.toWellFormed(),
    serverNamespace: to.namespace.toWellFormed(),
    server: to.name.toWellFormed(),
    connectionType,
  };
}

/** The series of an operation. */
export function operationSeries(
  { name, kind, status }: Pick<OperationStats, "name" | "kind" | "status">,
): OperationSeriesKey {
  return { sort: "operation", name: name.toWellFormed(), kind, status };
}

/** What a series is counted as where there is no room for it. */
export function overflowSeries(key: SeriesKey): SeriesKey {
  if (key.sort === "spans") return key;
  if (key.sort === "operation") return { ...key, name: OVERFLOW_NAME };
  return {
    sort: "edge",
    clientNamespace: "",
    client: OVERFLOW_NAME,
    serverNamespace: "",
    server: OVERFLOW_NAME,
    connectionType: "virtual_node",
  };
}

/** Whether a series is one that others are counted as. */
export function isOverflow(key: SeriesKey): boolean {
  if (key.sort === "spans") return false;
  if (key.sort === "operation") return key.name === OVERFLOW_NAME;
  return key.client === OVERFLOW_NAME && key.server === OVERFLOW_NAME &&
    key.clientNamespace === "" && key.serverNamespace === "" &&
    key.connectionType === "virtual_node";
}

/** One string for a series. */
export function seriesId(key: SeriesKey): string {
  if (key.sort === "spans") return "";
  if (key.sort === "operation") return `${key.kind}${key.status}${key.name}`;
  // The lengths tell where each ends: all are the senders' own text.
  const { clientNamespace, client, serverNamespace, server } = key;
  return `${key.connectionType}/${clientNamespace.length}/${client.length}/` +
    `${serverNamespace.length}/${clientNamespace}${client}${serverNamespace}` +
    server;
}
