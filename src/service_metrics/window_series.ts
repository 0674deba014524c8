import { keepNewest } from "./exemplars.ts";
import type { Sample } from "../map/sample.ts";
import type { ServiceWindow } from "../map/service_window.ts";
import {
  edgeSeries,
  operationSeries,
  seriesId,
  type SeriesKey,
  SPANS_SERIES,
} from "./series_key.ts";
import {
  addValues,
  edgeValues,
  operationValues,
  type SeriesValues,
  spansValues,
} from "./series_values.ts";

/** What a window adds to a series. */
export interface WindowSeries {
  readonly key: SeriesKey;
  readonly values: SeriesValues;
  /** Traces that show it. */
  readonly samples: readonly Sample[];
}

/** Which series a window has, by `seriesId`; nothing of how much. */
export function* seriesKeys(
  window: Pick<ServiceWindow, "edges" | "operations">,
): Generator<SeriesKey> {
  yield SPANS_SERIES;
  for (const { key } of window.edges.values()) yield edgeSeries(key);
  for (const operation of window.operations.values()) {
    yield operationSeries(operation);
  }
}

/**
 * What a window adds to each series, by `seriesId`.
 *
 * @param bounds Of the histograms of edges, s.
 */
export function windowSeries(
  window: ServiceWindow,
  bounds: readonly number[],
): Map<string, WindowSeries> {
  const series = new Map<string, WindowSeries>();
  add(series, {
    key: SPANS_SERIES,
    values: spansValues(window),
    samples: [],
  });
  for (const edge of window.edges.values()) {
    add(series, {
      key: edgeSeries(edge.key),
      values: edgeValues(edge, bounds),
      samples: edge.samples,
    });
  }
  for (const operation of window.operations.values()) {
    add(series, {
      key: operationSeries(operation),
      values: operationValues(operation.duration),
      samples: operation.samples,
    });
  }
  return series;
}

/** Several edges can be one series. */
function add(series: Map<string, WindowSeries>, added: WindowSeries): void {
  const id = seriesId(added.key);
  const known = series.get(id);
  if (known === undefined) {
    series.set(id, added);
    return;
  }
  addValues(known.values, added.values);
  const samples = keepNewest([...known.samples, ...added.samples]);
  series.set(id, { ...known, samples });
}
