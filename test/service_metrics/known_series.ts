import { virtualNode } from "../../src/map/node_identity.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import {
  edgeSeries,
  type EdgeSeriesKey,
  type SeriesKey,
} from "../../src/service_metrics/series_key.ts";
import { valuesLength } from "../../src/service_metrics/series_values.ts";
import type { ToldSeries } from "../../src/service_metrics/totals_page.ts";
import { DEFAULT_GRAPH_BOUNDS } from "../../src/service_metrics/bucket_bounds.ts";
import type { ConnectionType } from "../../src/map/service_window.ts";

/** The series of calls between two nodes without a namespace. */
export function edgeKey(
  from: string,
  to: string,
  connectionType: ConnectionType = "",
): EdgeSeriesKey {
  return edgeSeries({
    from: virtualNode(from),
    to: virtualNode(to),
    connectionType,
    system: "",
    destination: "",
  });
}

/** The series of an operation. */
export function operationKey(name: string): SeriesKey {
  return {
    sort: "operation",
    name,
    kind: SpanKind.SERVER,
    status: StatusCode.UNSET,
  };
}

/** A series as an object tells it, with the same number in all places. */
export function told(key: SeriesKey, value: number, lastS = 1000): ToldSeries {
  const length = valuesLength(key, DEFAULT_GRAPH_BOUNDS);
  const values = new Float64Array(length).fill(value);
  return { key, values, lastS, samples: [] };
}
