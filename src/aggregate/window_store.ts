import { cutWindow, joinParts } from "../history/window_parts.ts";
import type { HistoryRow } from "../history/history_row.ts";
import type { Resolution, WindowKey } from "../history/window_range.ts";
import { emptyWindow, type ServiceWindow } from "../map/service_window.ts";
import { mergeWindow } from "../map/merge_window.ts";
import {
  decodeWindow,
  type EncodedWindow,
  encodeWindow,
} from "../map/service_window_codec.ts";

/** Windows that are kept in memory, decoded; the others are on disk alone. */
export const MAX_CACHED_WINDOWS = 8;

interface CachedWindow {
  readonly key: WindowKey;
  readonly window: ServiceWindow;
  revision: number;
  changed: boolean;
}

/**
 * The windows of one service on its object's disk. What `merge` changed is
 * stored by `save`, in the same transaction.
 */
export class WindowStore {
  readonly #sql: SqlStorage;
  readonly #cache: Map<string, CachedWindow> = new Map();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Whether the window exists. */
  has(key: WindowKey): boolean {
    if (this.#cache.has(cacheKey(key))) return true;
    return this.#sql.exec(
      `SELECT 1 FROM window
       WHERE resolution = ? AND start_s = ? AND part = 0`,
      key.resolution,
      key.startS,
    ).toArray().length > 0;
  }

  /** The window to read from, or null where there is none. */
  get(key: WindowKey): Readonly<ServiceWindow> | null {
    return (this.#cache.get(cacheKey(key)) ?? this.#load(key))?.window ?? null;
  }

  /** Adds to the window, which is made where it is missing. */
  merge(key: WindowKey, addition: ServiceWindow, nowMs: number): void {
    const id = cacheKey(key);
    const cached = this.#cache.get(id) ?? this.#load(key) ??
      { key, window: emptyWindow(), revision: 0, changed: true };
    mergeWindow(cached.window, addition);
    cached.changed = true;
    this.#cache.delete(id);
    this.#cache.set(id, cached);
    if (this.#cache.size > MAX_CACHED_WINDOWS) this.#evictOldest(nowMs);
  }

  #evictOldest(nowMs: number): void {
    for (const [id, cached] of this.#cache) {
      this.#save(cached, nowMs);
      this.#cache.delete(id);
      return;
    }
  }

  /** Stores all that was changed. */
  save(nowMs: number): void {
    for (const cached of this.#cache.values()) this.#save(cached, nowMs);
  }

  #save(cached: CachedWindow, nowMs: number): void {
    if (!cached.changed) return;
    // Never a number that was used before, even on a disk that was wiped.
    cached.revision = Math.max(cached.revision + 1, nowMs);
    cached.changed = false;
    const { resolution, startS } = cached.key;
    const parts = cutWindow(encodeWindow(cached.window));
    for (const part of parts) {
      this.#sql.exec(
        `INSERT INTO window (
           resolution, start_s, part, parts, revision, summary, operations
         ) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET parts = excluded.parts,
           revision = excluded.revision, summary = excluded.summary,
           operations = excluded.operations`,
        resolution,
        startS,
        part.part,
        part.parts,
        cached.revision,
        part.summary,
        part.operations,
      );
    }
  }

  /** Drops what is in memory: after a transaction that was rolled back. */
  forget(): void {
    this.#cache.clear();
  }

  #load(key: WindowKey): CachedWindow | null {
    const rows = this.rows(key);
    const [first] = rows;
    if (first === undefined) return null;
    const window = decodeWindow(joinParts(rows));
    return { key, window, revision: first.revision, changed: false };
  }

  /** The window's bytes, or null where there is none. */
  encoded(key: WindowKey): EncodedWindow | null {
    const rows = this.rows(key);
    return rows.length === 0 ? null : joinParts(rows);
  }

  /** The window's rows, in order; none where it does not exist. */
  rows(key: WindowKey): HistoryRow[] {
    const rows = this.#sql.exec<{
      part: number;
      parts: number;
      revision: number;
      summary: ArrayBuffer;
      operations: ArrayBuffer;
    }>(
      `SELECT part, parts, revision, summary, operations FROM window
       WHERE resolution = ? AND start_s = ? ORDER BY part`,
      key.resolution,
      key.startS,
    ).toArray();
    // A window that had more rows before leaves them behind.
    return rows.slice(0, rows[0]?.parts ?? 0).map((row) => ({
      ...key,
      ...row,
      summary: new Uint8Array(row.summary),
      operations: new Uint8Array(row.operations),
    }));
  }

  /** The revision on disk, 0 where there is no window. */
  revision(key: WindowKey): number {
    const [row] = this.#sql.exec<{ revision: number }>(
      `SELECT revision FROM window
       WHERE resolution = ? AND start_s = ? AND part = 0`,
      key.resolution,
      key.startS,
    ).toArray();
    return row?.revision ?? 0;
  }

  /** Starts of the windows that exist within [fromS, toS). */
  starts(resolution: Resolution, fromS: number, toS: number): number[] {
    return this.#sql.exec<{ start_s: number }>(
      `SELECT start_s FROM window
       WHERE resolution = ? AND start_s >= ? AND start_s < ? AND part = 0
       ORDER BY start_s`,
      resolution,
      fromS,
      toS,
    ).toArray().map((row) => row.start_s);
  }
}

function cacheKey({ resolution, startS }: WindowKey): string {
  return `${resolution}/${startS}`;
}
