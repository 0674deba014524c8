import { HISTORY_RETENTION_S } from "../history/retention.ts";
import {
  DAY_S,
  floorTo,
  HOUR_S,
  MINUTE_S,
  type Resolution,
  type WindowKey,
} from "../history/window_range.ts";
import type { Purge } from "../history/write_history.ts";

/** Windows of one resolution that one purge deletes at most. */
export const MAX_PURGED_WINDOWS = 1000;

const MS_PER_S = 1000;

/** Expired windows are deleted by the hour or by the day. */
const PURGE_UNIT_S = {
  [MINUTE_S]: HOUR_S,
  [HOUR_S]: DAY_S,
  [DAY_S]: DAY_S,
} as const;

interface Extent {
  readonly resolution: Resolution;
  readonly oldestS: number;
  readonly newestS: number;
}

/**
 * Between which starts D1 may have windows of this service, so that what is
 * too old is deleted by its key, without a search.
 */
export class HistoryExtent {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Notes that D1 is about to have a window. */
  add({ resolution, startS }: WindowKey): void {
    this.#sql.exec(
      `INSERT INTO history (resolution, oldest_s, newest_s) VALUES (?1, ?2, ?2)
       ON CONFLICT (resolution) DO UPDATE SET
         oldest_s = min(oldest_s, excluded.oldest_s),
         newest_s = max(newest_s, excluded.newest_s)
       WHERE excluded.oldest_s < oldest_s OR excluded.newest_s > newest_s`,
      resolution,
      startS,
    );
  }

  /** What D1 should not have any more; a bounded part of it. */
  purges(nowS: number): Purge[] {
    return this.#extents().map((extent) => ({
      resolution: extent.resolution,
      startsS: expiredStarts(extent, nowS),
    })).filter((purge) => purge.startsS.length > 0);
  }

  /** Notes that the windows have been deleted. */
  remove({ resolution, startsS }: Purge): void {
    const last = startsS.at(-1);
    if (last === undefined) return;
    this.#sql.exec(
      "UPDATE history SET oldest_s = ? WHERE resolution = ?",
      last + resolution,
      resolution,
    );
    this.#sql.exec("DELETE FROM history WHERE oldest_s > newest_s");
  }

  /** When something is to be deleted, ms since the epoch, or null. */
  firstExpiresMs(): number | null {
    const times = this.#extents().map((extent) => expiresMs(extent));
    return times.length === 0 ? null : Math.min(...times);
  }

  #extents(): Extent[] {
    return this.#sql.exec<
      { resolution: Resolution; oldest_s: number; newest_s: number }
    >("SELECT resolution, oldest_s, newest_s FROM history").toArray()
      .map((row) => ({
        resolution: row.resolution,
        oldestS: row.oldest_s,
        newestS: row.newest_s,
      }));
  }
}

/** The starts before which a window has expired, s since the epoch. */
function expiredBeforeS(resolution: Resolution, nowS: number): number {
  const kept = nowS - HISTORY_RETENTION_S[resolution];
  return floorTo(kept, PURGE_UNIT_S[resolution]);
}

function expiredStarts(extent: Extent, nowS: number): number[] {
  const { resolution, oldestS, newestS } = extent;
  const endS = Math.min(
    expiredBeforeS(resolution, nowS),
    newestS + resolution,
    oldestS + MAX_PURGED_WINDOWS * resolution,
  );
  const starts: number[] = [];
  for (let at = oldestS; at < endS; at += resolution) starts.push(at);
  return starts;
}

// The end of the unit that the oldest window is in, when all of it expires.
function expiresMs({ resolution, oldestS }: Extent): number {
  const unitS = PURGE_UNIT_S[resolution];
  const endS = floorTo(oldestS, unitS) + unitS;
  return (endS + HISTORY_RETENTION_S[resolution]) * MS_PER_S;
}
