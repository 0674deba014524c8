import type { SchemaStep } from "../storage/schema_steps.ts";

/** Attempts at one piece of work. */
export const MAX_DUE_ATTEMPTS = 8;

const FIRST_RETRY_MS = 30_000;

/** Reports of changes that are due. */
export const DUE_REPORTS = "due";
/** Alerts that are due. */
export const DUE_ALERTS = "due_alert";

/** The tables of due work; append only. */
export const DUE_SCHEMA: readonly SchemaStep[] = [
  { id: "000_due", statements: tableOf(DUE_REPORTS) },
  { id: "001_alerts", statements: tableOf(DUE_ALERTS) },
];

function tableOf(name: string): string[] {
  return [
    `CREATE TABLE ${name} (
      id TEXT PRIMARY KEY,
      due_ms INTEGER NOT NULL,
      attempts INTEGER NOT NULL
    ) WITHOUT ROWID`,
    `CREATE INDEX ${name}_ms ON ${name} (due_ms)`,
  ];
}

/** Work that is due. */
export interface DueWork {
  readonly id: string;
  /** How often it was tried. */
  readonly attempts: number;
}

/** Knows what is to be done, and when; on an object's disk. */
export class DueQueue {
  readonly #sql: SqlStorage;
  readonly #table: string;
  readonly #most: number;

  /**
   * The tables of `DUE_SCHEMA` have to exist.
   *
   * @param most Pieces of work that wait at the most; beyond, the oldest go.
   */
  constructor(
    sql: SqlStorage,
    { table, most }: {
      readonly table: typeof DUE_REPORTS | typeof DUE_ALERTS;
      readonly most: number;
    },
  ) {
    this.#sql = sql;
    this.#table = table;
    this.#most = most;
  }

  /** Notes work; what is noted again is due once, as noted last. */
  add(
    work: readonly { readonly id: string; readonly dueMs: number }[],
  ): void {
    for (const { id, dueMs } of work) {
      this.#sql.exec(
        `INSERT INTO ${this.#table} VALUES (?, ?, 0)
         ON CONFLICT DO UPDATE SET due_ms = excluded.due_ms, attempts = 0`,
        id,
        dueMs,
      );
    }
    this.#sql.exec(
      `DELETE FROM ${this.#table} WHERE id IN (
        SELECT id FROM ${this.#table} ORDER BY due_ms DESC LIMIT -1 OFFSET ?)`,
      this.#most,
    );
  }

  /** What has been due for longest; null where nothing is. */
  next(nowMs: number): DueWork | null {
    const [row] = this.#sql.exec<{ id: string; attempts: number }>(
      `SELECT id, attempts FROM ${this.#table} WHERE due_ms <= ?
       ORDER BY due_ms, id LIMIT 1`,
      nowMs,
    ).toArray();
    return row ?? null;
  }

  /** When the next one is due, ms since the epoch; null for never. */
  dueMs(): number | null {
    const [row] = this.#sql.exec<{ due_ms: number }>(
      `SELECT due_ms FROM ${this.#table} ORDER BY due_ms LIMIT 1`,
    ).toArray();
    return row?.due_ms ?? null;
  }

  /** Notes that it is done, or can never be. */
  done(id: string): void {
    this.#sql.exec(`DELETE FROM ${this.#table} WHERE id = ?`, id);
  }

  /**
   * Puts off what could not be done, each time for longer.
   *
   * @returns Whether it is tried again: not after `MAX_DUE_ATTEMPTS`.
   */
  putOff({ id, attempts: before }: DueWork, nowMs: number): boolean {
    const attempts = before + 1;
    if (attempts >= MAX_DUE_ATTEMPTS) {
      this.done(id);
      return false;
    }
    this.#sql.exec(
      `UPDATE ${this.#table} SET attempts = ?, due_ms = ? WHERE id = ?`,
      attempts,
      nowMs + FIRST_RETRY_MS * 2 ** (attempts - 1),
      id,
    );
    return true;
  }
}
