/**
 * How long a silent source is remembered, ms. Whatever it could send again is
 * older than any minute that still takes an addition.
 */
export const SOURCE_RETENTION_MS = 48 * 60 * 60 * 1000;

/** Up to which sequence number the deltas of each trace shard are counted. */
export class SourceBook {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The last number that was counted, 0 before the first. */
  last(source: string): number {
    const [row] = this.#sql.exec<{ sequence: number }>(
      "SELECT sequence FROM source WHERE name = ?",
      source,
    ).toArray();
    return row?.sequence ?? 0;
  }

  /** Notes that all is counted up to a number. */
  note(source: string, sequence: number, nowMs: number): void {
    this.#sql.exec(
      `INSERT INTO source (name, sequence, heard_ms) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET sequence = excluded.sequence,
         heard_ms = excluded.heard_ms`,
      source,
      sequence,
      nowMs,
    );
  }

  /** Forgets sources that have long been silent. */
  expire(nowMs: number): void {
    this.#sql.exec(
      "DELETE FROM source WHERE heard_ms < ?",
      nowMs - SOURCE_RETENTION_MS,
    );
  }
}
