import { OBJECT_RETENTION_S } from "../history/retention.ts";
import { DAY_S, HOUR_S, MINUTE_S } from "../history/window_range.ts";

// A window goes only when D1 has it, and when the longer one that it is a part
// of is made: every addition marks both.
const COARSER_S = {
  [MINUTE_S]: HOUR_S,
  [HOUR_S]: DAY_S,
  [DAY_S]: DAY_S,
} as const;

/**
 * Deletes windows that nothing can revise any more from an object's disk.
 *
 * @returns Whether there were any.
 */
export function expireWindows(sql: SqlStorage, nowS: number): boolean {
  let deleted = false;
  for (const resolution of [MINUTE_S, HOUR_S, DAY_S] as const) {
    const rows = sql.exec(
      `DELETE FROM window WHERE resolution = ?1 AND start_s < ?2
       AND NOT EXISTS (SELECT 1 FROM pending WHERE
         resolution = ?1 AND start_s = window.start_s OR
         resolution = ?3 AND start_s = window.start_s - window.start_s % ?3)
       RETURNING part`,
      resolution,
      nowS - OBJECT_RETENTION_S[resolution],
      COARSER_S[resolution],
    ).toArray();
    deleted ||= rows.length > 0;
  }
  return deleted;
}
