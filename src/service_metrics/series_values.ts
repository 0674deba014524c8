import type { EdgeStats, ServiceWindow } from "../map/service_window.ts";
import type { Histogram } from "../map/histogram.ts";
import { SPAN_BOUNDS } from "./bucket_bounds.ts";
import { blockLength, units, writeBlock } from "./bucket_counts.ts";
import type { SeriesKey } from "./series_key.ts";

// An edge: failed, then server, client, queue. An operation: its durations.
const EDGE_HISTOGRAMS = 3;
const SPAN_COUNTS = 3;

/** Numbers of a series, all cumulative, in whole units. */
export type SeriesValues = Float64Array;

/** A histogram of a series, within its values. */
export interface ValueBlock {
  readonly at: number;
  readonly bounds: readonly number[];
}

/** Where the histograms of a series are. */
export function blocksOf(
  key: SeriesKey,
  graphBounds: readonly number[],
): readonly ValueBlock[] {
  if (key.sort === "spans") return [];
  if (key.sort === "operation") return [{ at: 0, bounds: SPAN_BOUNDS }];
  return Array.from({ length: EDGE_HISTOGRAMS }, (_, index) => ({
    at: 1 + index * blockLength(graphBounds),
    bounds: graphBounds,
  }));
}

/** How many numbers a series has. */
export function valuesLength(
  key: SeriesKey,
  graphBounds: readonly number[],
): number {
  if (key.sort === "spans") return SPAN_COUNTS;
  if (key.sort === "operation") return blockLength(SPAN_BOUNDS);
  return 1 + EDGE_HISTOGRAMS * blockLength(graphBounds);
}

/** The numbers of an edge in one window. */
export function edgeValues(
  edge: EdgeStats,
  bounds: readonly number[],
): SeriesValues {
  const length = blockLength(bounds);
  const values = new Float64Array(1 + EDGE_HISTOGRAMS * length);
  values[0] = units(edge.failed);
  const histograms = [edge.latency, edge.client, edge.queue];
  for (const [index, histogram] of histograms.entries()) {
    writeBlock(values, 1 + index * length, { histogram, bounds });
  }
  return values;
}

/** The numbers of an operation in one window. */
export function operationValues(histogram: Histogram): SeriesValues {
  const values = new Float64Array(blockLength(SPAN_BOUNDS));
  writeBlock(values, 0, { histogram, bounds: SPAN_BOUNDS });
  return values;
}

/** How many spans of a window are unpaired or were dropped. */
export function spansValues(
  { counters }: Pick<ServiceWindow, "counters">,
): SeriesValues {
  return Float64Array.of(
    units(counters.unpairedClients),
    units(counters.unpairedServers),
    units(counters.tooLate + counters.oversizedTraces),
  );
}

/** Adds `other`, `times` times. */
export function addValues(
  into: SeriesValues,
  other: SeriesValues,
  times: 1 | -1 = 1,
): void {
  for (let at = 0; at < into.length; at++) {
    into[at] = (into[at] ?? 0) + times * (other[at] ?? 0);
  }
}

/** The larger of each two numbers, in `into`. */
export function raiseValues(into: SeriesValues, least: SeriesValues): void {
  for (let at = 0; at < into.length; at++) {
    into[at] = Math.max(into[at] ?? 0, least[at] ?? 0);
  }
}

/** Whether no number is below that of `least`. */
export function reaches(values: SeriesValues, least: SeriesValues): boolean {
  return values.every((value, at) => value >= (least[at] ?? 0));
}

/**
 * The numbers of a series with other bounds: of a bound that is new, those
 * within the largest old bound below it, which is what is surely within it.
 */
export function withBounds(
  key: SeriesKey,
  values: SeriesValues,
  { from, to }: {
    readonly from: readonly number[];
    readonly to: readonly number[];
  },
): SeriesValues {
  if (key.sort !== "edge" || isSame(from, to)) return values;
  const changed = new Float64Array(valuesLength(key, to));
  changed[0] = values[0] ?? 0;
  const old = blocksOf(key, from);
  for (const [index, { at }] of blocksOf(key, to).entries()) {
    const oldAt = old[index]?.at ?? 0;
    changed[at] = values[oldAt] ?? 0;
    for (const [bucket, bound] of to.entries()) {
      const within = from.filter((known) => known <= bound).length;
      if (within > 0) changed[at + 1 + bucket] = values[oldAt + within] ?? 0;
    }
    changed[at + 1 + to.length] = values[oldAt + 1 + from.length] ?? 0;
  }
  return changed;
}

/** Whether two lists of bounds are the same. */
export function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, at) => bound === b[at]);
}
