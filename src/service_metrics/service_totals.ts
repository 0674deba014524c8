import { HOUR_S } from "../history/window_range.ts";
import {
  isOverflow,
  overflowSeries,
  seriesId,
  type SeriesKey,
} from "./series_key.ts";
import {
  addValues,
  raiseValues,
  reaches,
  type SeriesValues,
  valuesLength,
} from "./series_values.ts";
import type { WindowSeries } from "./window_series.ts";

/** Series of edges that one service has totals of, and of operations. */
export const MAX_TOTAL_SERIES = 2000;

/** A series without an addition for so long gives way to a new one, s. */
export const IDLE_SERIES_S = 24 * HOUR_S;

const NOTHING: SeriesValues = new Float64Array();

/** A series since it began. */
export interface TotalsSeries {
  readonly key: SeriesKey;
  /** Up to the horizon. */
  readonly values: SeriesValues;
  /** What was exposed before a correction; null once it is reached again. */
  floor: SeriesValues | null;
  /** Start of the last minute that was added, s since the epoch. */
  lastS: number;
}

/** All series of a service since they began. */
export interface ServiceTotals {
  /** Of the histograms of edges, s. */
  readonly bounds: readonly number[];
  /** Minutes that start before it are in the values, s since the epoch. */
  horizonS: number;
  /** By `seriesId`, in the order in which they began. */
  readonly series: Map<string, TotalsSeries>;
}

/** By the start of a minute, s since the epoch: those from the horizon on. */
export type LiveMinutes = ReadonlyMap<
  number,
  ReadonlyMap<string, WindowSeries>
>;

/** Totals of a service that has none. */
export function emptyTotals(bounds: readonly number[]): ServiceTotals {
  return { bounds, horizonS: 0, series: new Map() };
}

/** How series that are new get their place. */
export interface AdmitOptions {
  /** The minute in which they have come, s since the epoch. */
  readonly atS: number;
  /** Series that have been idle for long and may leave, the best last. */
  readonly idle: (sort: SeriesKey["sort"]) => string[];
}

/**
 * Gives series that are new a place: whatever is exposed has one, so that what
 * it is counted as does not depend on when it is asked for. Where all are
 * taken and none is idle, it is counted as `__overflow__`.
 *
 * @returns Whether anything changed.
 */
export function admitSeries(
  totals: ServiceTotals,
  keys: Iterable<SeriesKey>,
  { atS, idle }: AdmitOptions,
): boolean {
  let changed = false;
  function place(key: SeriesKey): void {
    const id = seriesId(key);
    if (totals.series.has(id)) return;
    if (isLimited(key) && isFull(totals, key.sort)) {
      const gone = idle(key.sort).pop();
      if (gone === undefined) {
        place(overflowSeries(key));
        return;
      }
      totals.series.delete(gone);
    }
    const values = new Float64Array(valuesLength(key, totals.bounds));
    totals.series.set(id, { key, values, floor: null, lastS: atS });
    changed = true;
  }
  for (const key of keys) place(key);
  return changed;
}

/** Whether series are counted as `__overflow__`. */
export function hasOverflow(totals: ServiceTotals): boolean {
  for (const { key } of totals.series.values()) {
    if (isOverflow(key)) return true;
  }
  return false;
}

function isLimited(key: SeriesKey): boolean {
  return key.sort !== "spans" && !isOverflow(key);
}

function isFull(totals: ServiceTotals, sort: SeriesKey["sort"]): boolean {
  if (totals.series.size < MAX_TOTAL_SERIES) return false;
  let count = 0;
  for (const { key } of totals.series.values()) {
    if (key.sort === sort && isLimited(key)) count++;
  }
  return count >= MAX_TOTAL_SERIES;
}

/**
 * Series without an addition for `IDLE_SERIES_S`, the longest idle last.
 *
 * @param live Minutes whose series are not idle.
 */
export function idleSeries(
  totals: ServiceTotals,
  live: LiveMinutes,
  { sort, nowS }: {
    readonly sort: SeriesKey["sort"];
    readonly nowS: number;
  },
): string[] {
  return [...totals.series].filter(([id, { key, lastS }]) =>
    key.sort === sort && isLimited(key) && lastS < nowS - IDLE_SERIES_S &&
    ![...live.values()].some((series) => series.has(id))
  ).toSorted(([, a], [, b]) => b.lastS - a.lastS).map(([id]) => id);
}

/** Adds a minute to the totals, or takes it out again. */
export function addMinute(
  totals: ServiceTotals,
  minute: ReadonlyMap<string, WindowSeries>,
  { startS, times }: { readonly startS: number; readonly times: 1 | -1 },
): void {
  for (const [id, { key, values }] of minute) {
    const series = placeOf(totals, id, key);
    if (series === undefined) continue;
    addValues(series.values, values, times);
    series.lastS = Math.max(series.lastS, startS);
  }
}

/** What a series of a window is counted as. */
export function placeOf(
  totals: ServiceTotals,
  id: string,
  key: SeriesKey,
): TotalsSeries | undefined {
  return totals.series.get(id) ??
    totals.series.get(seriesId(overflowSeries(key)));
}

/** Totals and the minutes after them; without the floors. */
export function trueValues(
  totals: ServiceTotals,
  live: LiveMinutes,
): Map<TotalsSeries, SeriesValues> {
  const sums = new Map<TotalsSeries, SeriesValues>();
  for (const series of totals.series.values()) {
    sums.set(series, series.values.slice());
  }
  for (const minute of live.values()) {
    for (const [id, { key, values }] of minute) {
      const series = placeOf(totals, id, key);
      const sum = series === undefined ? undefined : sums.get(series);
      if (sum !== undefined) addValues(sum, values);
    }
  }
  return sums;
}

/**
 * What is told of each series: what is true, but never less than before, and
 * not below 0 where a minute before the first one is corrected.
 */
export function exposedValues(
  totals: ServiceTotals,
  live: LiveMinutes,
): Map<TotalsSeries, SeriesValues> {
  const exposed = trueValues(totals, live);
  for (const [{ floor }, values] of exposed) {
    raiseValues(values, floor ?? NOTHING);
  }
  return exposed;
}

/**
 * Keeps what was exposed of series that would fall.
 *
 * @param before What was exposed before a change.
 * @returns Whether there are such series.
 */
export function holdFloors(
  totals: ServiceTotals,
  before: ReadonlyMap<TotalsSeries, SeriesValues>,
  live: LiveMinutes,
): boolean {
  const after = exposedValues(totals, live);
  let changed = false;
  for (const [series, values] of after) {
    const least = before.get(series);
    if (least === undefined || reaches(values, least)) continue;
    series.floor = least;
    changed = true;
  }
  return changed;
}

/** Forgets floors that the truth has reached. */
export function dropFloors(totals: ServiceTotals, live: LiveMinutes): void {
  for (const [series, values] of trueValues(totals, live)) {
    if (series.floor !== null && reaches(values, series.floor)) {
      series.floor = null;
    }
  }
}
