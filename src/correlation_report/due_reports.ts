import type { SchemaStep } from "../storage/schema_steps.ts";

/** Changes whose report is still to be made; beyond, the oldest go. */
export const MAX_DUE_REPORTS = 10_000;
/** Attempts at one report. */
export const MAX_REPORT_ATTEMPTS = 8;
/** How long after its change a report is made by itself, ms. */
export const REPORT_WINDOW_MS = 3_600_000;
/** What late spans and the writing of windows take, ms. */
export const REPORT_GRACE_MS = 120_000;
/** A change that is older when it is told of is asked for by hand, ms. */
export const MAX_REPORTED_AGE_MS = 24 * 3_600_000;

const FIRST_RETRY_MS = 30_000;

/** The tables of due reports; append only. */
export const DUE_REPORTS_SCHEMA: readonly SchemaStep[] = [{
  id: "000_due",
  statements: [
    `CREATE TABLE due (
      id TEXT PRIMARY KEY,
      due_ms INTEGER NOT NULL,
      attempts INTEGER NOT NULL
    ) WITHOUT ROWID`,
    "CREATE INDEX due_ms ON due (due_ms)",
  ],
}];

/** A change that is watched. */
export interface WatchedChange {
  readonly id: string;
  /** When it was, ms since the epoch. */
  readonly timeMs: number;
}

/** Knows which changes want a report, and when; on an object's disk. */
export class DueReports {
  readonly #sql: SqlStorage;

  /** The tables of `DUE_REPORTS_SCHEMA` have to exist. */
  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Notes changes; one that is told again is due once, as told last. */
  watch(changes: readonly WatchedChange[], nowMs: number): void {
    for (const { id, timeMs } of changes) {
      if (timeMs < nowMs - MAX_REPORTED_AGE_MS) continue;
      const dueMs = timeMs + REPORT_WINDOW_MS + REPORT_GRACE_MS;
      this.#sql.exec(
        `INSERT INTO due VALUES (?, ?, 0)
         ON CONFLICT DO UPDATE SET due_ms = excluded.due_ms, attempts = 0`,
        id,
        dueMs,
      );
    }
    this.#sql.exec(
      `DELETE FROM due WHERE id IN (
        SELECT id FROM due ORDER BY due_ms DESC LIMIT -1 OFFSET ?)`,
      MAX_DUE_REPORTS,
    );
  }

  /** The change that has been due for longest; null where none is. */
  next(nowMs: number): string | null {
    const [row] = this.#sql.exec<{ id: string }>(
      "SELECT id FROM due WHERE due_ms <= ? ORDER BY due_ms, id LIMIT 1",
      nowMs,
    ).toArray();
    return row?.id ?? null;
  }

  /** When the next one is due, ms since the epoch; null for never. */
  dueMs(): number | null {
    const [row] = this.#sql.exec<{ due_ms: number }>(
      "SELECT due_ms FROM due ORDER BY due_ms LIMIT 1",
    ).toArray();
    return row?.due_ms ?? null;
  }

  /** Notes that a report is made, or can never be. */
  done(id: string): void {
    this.#sql.exec("DELETE FROM due WHERE id = ?", id);
  }

  /**
   * Puts a report off that could not be made, each time for longer.
   *
   * @returns Whether it is tried again: not after `MAX_REPORT_ATTEMPTS`.
   */
  putOff(id: string, nowMs: number): boolean {
    const [row] = this.#sql.exec<{ attempts: number }>(
      "SELECT attempts FROM due WHERE id = ?",
      id,
    ).toArray();
    const attempts = (row?.attempts ?? 0) + 1;
    if (attempts >= MAX_REPORT_ATTEMPTS) {
      this.done(id);
      return false;
    }
    this.#sql.exec(
      "UPDATE due SET attempts = ?, due_ms = ? WHERE id = ?",
      attempts,
      nowMs + FIRST_RETRY_MS * 2 ** (attempts - 1),
      id,
    );
    return true;
  }
}
