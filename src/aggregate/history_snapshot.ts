import type { HistoryRow, ServiceSeen } from "../history/history_row.ts";
import type { HistoryWrite, HourRow } from "../history/write_history.ts";
import { joinParts } from "../history/window_parts.ts";
import { OBJECT_RETENTION_S } from "../history/retention.ts";
import {
  HOUR_S,
  isAfter,
  MINUTE_S,
  type WindowKey,
} from "../history/window_range.ts";
import { type ScannedWindow, scanWindow } from "../map/scan_window.ts";
import { hourSeries } from "../series/hour_series.ts";
import { encodeHourSeries } from "../series/hour_series_codec.ts";
import { decodeWindow } from "../map/service_window_codec.ts";
import type { HistoryExtent } from "./history_extent.ts";
import type { PendingWindows } from "./pending_windows.ts";
import { rolledUp } from "./roll_up.ts";
import type { WindowStore } from "./window_store.ts";

/** Bytes of windows that one write to D1 takes, about. */
export const SNAPSHOT_BYTES = 4 * 1024 * 1024;

/** Bytes of an hour minute by minute; one that has more has its minutes read. */
export const MAX_HOUR_SERIES_BYTES = 512 * 1024;

const MS_PER_S = 1000;
const EMPTY = new Uint8Array();

/** Closed windows as they are at one moment, to be written to D1. */
export interface HistorySnapshot extends HistoryWrite {
  /** The last one, after which the next snapshot begins. */
  readonly last: WindowKey;
}

/** Which windows a snapshot is taken of. */
export interface SnapshotRange {
  /** Those that have closed by then, ms since the epoch. */
  readonly closedByMs: number;
  /** Those after this one; null for all. */
  readonly after: WindowKey | null;
}

/** What a snapshot is taken of. */
export interface SnapshotSource {
  readonly windows: WindowStore;
  readonly pending: PendingWindows;
  readonly extent: HistoryExtent;
}

/**
 * The next closed windows that D1 does not have, minutes first; hours and days
 * are made here, once they have ended.
 *
 * @returns null where there are none.
 */
export function takeSnapshot(
  { windows, pending, extent }: SnapshotSource,
  { closedByMs, after }: SnapshotRange,
): HistorySnapshot | null {
  const rows: HistoryRow[] = [];
  const hours: HourRow[] = [];
  const seen = { traits: 0, firstSeenMs: Infinity, lastSeenMs: 0 };
  let bytes = 0;
  for (const key of pending.closed(closedByMs)) {
    if (after !== null && !isAfter(key, after)) continue;
    const added = rowsOf(windows, key, closedByMs);
    if (added.length === 0) pending.remove(key);
    else extent.add(key);
    note(seen, added);
    for (const row of added) {
      rows.push(row);
      bytes += row.summary.length + row.operations.length;
    }
    const [first] = added;
    if (first?.resolution === HOUR_S) {
      const hour = hourRow(windows, first, closedByMs);
      hours.push(hour);
      bytes += hour.body.length;
    }
    if (bytes >= SNAPSHOT_BYTES) break;
  }
  const last = rows.at(-1);
  if (last === undefined) return null;
  return { rows, hours, seen: seen.lastSeenMs === 0 ? null : seen, last };
}

/** Empty where not all of its minutes are here any more, or it is too large. */
function hourRow(
  windows: WindowStore,
  { startS, revision }: HistoryRow,
  nowMs: number,
): HourRow {
  const isWhole = startS > nowMs / MS_PER_S - OBJECT_RETENTION_S[MINUTE_S];
  const body = isWhole
    ? encodeHourSeries(hourSeries(minutesOf(windows, startS)))
    : EMPTY;
  const fits = body.length <= MAX_HOUR_SERIES_BYTES;
  return { startS, revision, body: fits ? body : EMPTY };
}

function* minutesOf(
  windows: WindowStore,
  hourS: number,
): Generator<readonly [minute: number, window: ScannedWindow]> {
  for (const startS of windows.starts(MINUTE_S, hourS, hourS + HOUR_S)) {
    const encoded = windows.encoded({ resolution: MINUTE_S, startS });
    if (encoded === null) continue;
    yield [(startS - hourS) / MINUTE_S, scanWindow(encoded.summary)];
  }
}

function rowsOf(
  windows: WindowStore,
  key: WindowKey,
  nowMs: number,
): HistoryRow[] {
  if (!windows.has(key)) {
    const made = rolledUp(windows, key);
    if (made === null) return [];
    windows.merge(key, made, nowMs);
    windows.save(nowMs);
  }
  return windows.rows(key);
}

function note(
  seen: { -readonly [Name in keyof ServiceSeen]: number },
  rows: readonly HistoryRow[],
): void {
  if (rows.length === 0) return;
  const { summary } = joinParts(rows);
  const window = decodeWindow({ summary });
  seen.traits |= window.traits;
  seen.firstSeenMs = Math.min(seen.firstSeenMs, window.firstSeenMs);
  seen.lastSeenMs = Math.max(seen.lastSeenMs, window.lastSeenMs);
}
