import { floorTo, MINUTE_S, type WindowKey } from "../history/window_range.ts";
import {
  addMinute,
  admitSeries,
  dropFloors,
  emptyTotals,
  exposedValues,
  hasOverflow,
  holdFloors,
  idleSeries,
  type ServiceTotals,
  type TotalsSeries,
} from "../service_metrics/service_totals.ts";
import type { SeriesValues } from "../service_metrics/series_values.ts";
import { type TotalsPage, totalsPage } from "../service_metrics/totals_page.ts";
import {
  seriesKeys,
  type WindowSeries,
  windowSeries,
} from "../service_metrics/window_series.ts";
import type { SeriesKey } from "../service_metrics/series_key.ts";
import { readTotals, writeTotals } from "./totals_rows.ts";
import type { WindowStore } from "./window_store.ts";

/**
 * How many seconds of minutes are behind the horizon before they are folded:
 * that is how often the totals are written while nothing is new.
 */
export const FOLD_EVERY_S = 300;

/** How long after its start a minute is left out of the totals, s. */
export const FOLD_AFTER_S = 120;

/** Series of minutes that are kept in memory as they are added to totals. */
export const MAX_CONVERTED_SERIES = 5000;

/**
 * Minutes of an object of an older version that its totals begin with: a day
 * of a large service would take half a minute to read.
 */
export const MAX_TAKEN_MINUTES = 60;

type Minute = ReadonlyMap<string, WindowSeries>;

/**
 * What a service did since it began, as counters that never fall: the totals
 * up to a horizon on disk, and the minutes from it on. All calls are part of a
 * transaction of the caller's, who calls `forget` where it is rolled back.
 */
export class TotalsStore {
  readonly #sql: SqlStorage;
  readonly #windows: WindowStore;
  readonly #bounds: readonly number[];
  readonly #converted: Map<number, Minute> = new Map();
  readonly #touched: Map<number, Minute | null> = new Map();
  #totals: ServiceTotals | null = null;
  #before: ReadonlyMap<TotalsSeries, SeriesValues> | null = null;

  constructor(
    sql: SqlStorage,
    { windows, bounds }: {
      readonly windows: WindowStore;
      /** Of the histograms of edges, s. */
      readonly bounds: readonly number[];
    },
  ) {
    this.#sql = sql;
    this.#windows = windows;
    this.#bounds = bounds;
  }

  /**
   * Before minutes are added to.
   *
   * @param takesBack Whether an addition is a correction.
   */
  begin(takesBack: boolean, nowS: number): void {
    const totals = this.#load(nowS);
    this.#touched.clear();
    this.#before = takesBack ? exposedValues(totals, this.#live(totals)) : null;
  }

  /** Before a minute is added to. */
  touch(startS: number): void {
    if (this.#touched.has(startS)) return;
    const isFolded = this.#totals !== null && startS < this.#totals.horizonS;
    this.#touched.set(startS, isFolded ? this.#convert(startS) : null);
  }

  /** After minutes were added to. */
  finish(nowS: number): void {
    const totals = this.#load(nowS);
    for (const startS of this.#touched.keys()) this.#converted.delete(startS);
    let changed = false;
    for (const [startS, before] of this.#touched) {
      if (this.#admit(totals, startS, nowS)) changed = true;
      if (startS >= totals.horizonS) continue;
      // What was added to the minute, not what came: its limits have been kept.
      addMinute(totals, this.#convert(startS), { startS, times: 1 });
      if (before !== null) addMinute(totals, before, { startS, times: -1 });
      changed = true;
    }
    if (
      this.#before !== null &&
      holdFloors(totals, this.#before, this.#live(totals))
    ) changed = true;
    this.#before = null;
    if (changed) writeTotals(this.#sql, totals);
  }

  /** Gives what is new in a minute its place. */
  #admit(totals: ServiceTotals, startS: number, nowS: number): boolean {
    const window = this.#windows.get(minuteKey(startS));
    if (window === null) return false;
    // What gets a place of its own leaves the series of those without one,
    // which would fall: that is looked after when minutes are folded.
    const mayLeave = !hasOverflow(totals);
    const idle = this.#idleOf(totals, nowS);
    return admitSeries(totals, seriesKeys(window), {
      atS: startS,
      idle: (sort) => mayLeave ? idle(sort) : [],
    });
  }

  #idleOf(
    totals: ServiceTotals,
    nowS: number,
  ): (sort: SeriesKey["sort"]) => string[] {
    const found = new Map<SeriesKey["sort"], string[]>();
    return (sort) => {
      const known = found.get(sort) ??
        idleSeries(totals, this.#live(totals), { sort, nowS });
      found.set(sort, known);
      return known;
    };
  }

  /** Moves the horizon, where enough minutes are behind it. */
  fold(nowS: number): void {
    const totals = this.#load(nowS);
    const horizonS = horizonAt(nowS);
    const [oldestS] = this.#starts(totals.horizonS, horizonS);
    if (oldestS === undefined || horizonS - oldestS < FOLD_EVERY_S) return;
    this.#foldTo(totals, horizonS);
    if (hasOverflow(totals)) this.#admitWaiting(totals, nowS);
    dropFloors(totals, this.#live(totals));
    writeTotals(this.#sql, totals);
  }

  #admitWaiting(totals: ServiceTotals, nowS: number): void {
    const live = this.#live(totals);
    const before = exposedValues(totals, live);
    const idle = this.#idleOf(totals, nowS);
    for (const [atS, minute] of live) {
      const keys = Array.from(minute.values(), ({ key }) => key);
      admitSeries(totals, keys, { atS, idle });
    }
    holdFloors(totals, before, live);
  }

  /** What is told of the series, from one on. */
  page(after: number, nowS: number): TotalsPage {
    const totals = this.#load(nowS);
    return totalsPage(totals, this.#live(totals), after);
  }

  /** Drops what is in memory: after a transaction that was rolled back. */
  forget(): void {
    this.#totals = null;
    this.#before = null;
    this.#converted.clear();
    this.#touched.clear();
  }

  #load(nowS: number): ServiceTotals {
    this.#totals ??= readTotals(this.#sql, this.#bounds) ?? this.#make(nowS);
    return this.#totals;
  }

  /** An object of an older version has minutes, and no totals. */
  #make(nowS: number): ServiceTotals {
    const totals = emptyTotals(this.#bounds);
    const starts = this.#starts(0, Infinity).slice(-MAX_TAKEN_MINUTES);
    const [firstS] = starts;
    if (firstS === undefined) return totals;
    totals.horizonS = firstS;
    for (const startS of starts) {
      const minute = this.#convert(startS);
      const keys = Array.from(minute.values(), ({ key }) => key);
      admitSeries(totals, keys, { atS: startS, idle: () => [] });
    }
    this.#foldTo(totals, Math.max(firstS, horizonAt(nowS)));
    writeTotals(this.#sql, totals);
    return totals;
  }

  #foldTo(totals: ServiceTotals, horizonS: number): void {
    for (const startS of this.#starts(totals.horizonS, horizonS)) {
      const minute = this.#converted.get(startS) ?? this.#convert(startS);
      addMinute(totals, minute, { startS, times: 1 });
      this.#converted.delete(startS);
    }
    totals.horizonS = horizonS;
  }

  #live(totals: ServiceTotals): Map<number, Minute> {
    const live = new Map<number, Minute>();
    let kept = 0;
    for (const startS of this.#starts(totals.horizonS, Infinity)) {
      const minute = this.#converted.get(startS) ?? this.#convert(startS);
      live.set(startS, minute);
      kept += minute.size;
      if (kept <= MAX_CONVERTED_SERIES) this.#converted.set(startS, minute);
    }
    return live;
  }

  #convert(startS: number): Minute {
    const window = this.#windows.get(minuteKey(startS));
    return window === null ? new Map() : windowSeries(window, this.#bounds);
  }

  #starts(fromS: number, toS: number): number[] {
    return this.#windows.starts(
      MINUTE_S,
      fromS,
      Math.min(toS, Number.MAX_SAFE_INTEGER),
    );
  }
}

function horizonAt(nowS: number): number {
  return floorTo(nowS - FOLD_AFTER_S, MINUTE_S) + MINUTE_S;
}

function minuteKey(startS: number): WindowKey {
  return { resolution: MINUTE_S, startS };
}
