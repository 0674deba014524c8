import { CLOSE_GRACE_S, HISTORY_RETENTION_S } from "../history/retention.ts";
import {
  DAY_S,
  HOUR_S,
  MINUTE_S,
  type Resolution,
  type WindowKey,
} from "../history/window_range.ts";

/** From the finest: an hour is made of minutes, a day of hours. */
export const RESOLUTIONS: readonly Resolution[] = [MINUTE_S, HOUR_S, DAY_S];

const MS_PER_S = 1000;

/** The list of windows that are not, as they are now, in D1. */
export class PendingWindows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Notes that a window is not, as it is now, in D1. */
  add(key: WindowKey): void {
    this.#sql.exec(
      "INSERT OR IGNORE INTO pending (resolution, start_s) VALUES (?, ?)",
      key.resolution,
      key.startS,
    );
  }

  /** Notes that D1 has the window, or that nobody will ask for it. */
  remove(key: WindowKey): void {
    this.#sql.exec(
      "DELETE FROM pending WHERE resolution = ? AND start_s = ?",
      key.resolution,
      key.startS,
    );
  }

  /** All pending windows, minutes first, each resolution in order of time. */
  all(): WindowKey[] {
    return this.#sql.exec<{ resolution: Resolution; start_s: number }>(
      "SELECT resolution, start_s FROM pending ORDER BY resolution, start_s",
    ).toArray().map((row) => ({
      resolution: row.resolution,
      startS: row.start_s,
    }));
  }

  /** Pending windows whose time to be written has come. */
  closed(nowMs: number): WindowKey[] {
    return this.all().filter((key) => closesMs(key) <= nowMs);
  }

  /** When the first one is to be written, ms since the epoch, or null. */
  firstClosesMs(): number | null {
    let firstMs: number | null = null;
    for (const resolution of RESOLUTIONS) {
      const [row] = this.#sql.exec<{ start_s: number }>(
        `SELECT start_s FROM pending WHERE resolution = ?
         ORDER BY start_s LIMIT 1`,
        resolution,
      ).toArray();
      if (row === undefined) continue;
      const ms = closesMs({ resolution, startS: row.start_s });
      firstMs = Math.min(firstMs ?? ms, ms);
    }
    return firstMs;
  }

  /** Gives up windows that D1 would not keep any more. */
  expire(nowS: number): void {
    for (const resolution of RESOLUTIONS) {
      this.#sql.exec(
        "DELETE FROM pending WHERE resolution = ? AND start_s < ?",
        resolution,
        nowS - HISTORY_RETENTION_S[resolution],
      );
    }
  }
}

/** When a window is first written to D1, ms since the epoch. */
export function closesMs({ resolution, startS }: WindowKey): number {
  return (startS + resolution + CLOSE_GRACE_S) * MS_PER_S;
}
