import type { Anomaly } from "./anomaly.ts";
import type { Detected } from "./detect.ts";
import { MAX_WAITING_CHANGES } from "./anomaly_limits.ts";

/** An anomaly that D1 does not have as it is now. */
export interface WaitingChange {
  readonly anomaly: Anomaly;
  /** Whether it was raised, or ended, and nobody was told so yet. */
  readonly raised: boolean;
  readonly ended: boolean;
  /** How often it was tried. */
  readonly attempts: number;
}

/** The anomalies that wait for D1, on an object's disk. */
export class ChangeBook {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Notes what a minute brought. */
  note({ raised, updated, ended }: Omit<Detected, "state">): void {
    for (const anomaly of raised) this.#put(anomaly, { raised: 1, ended: 0 });
    for (const anomaly of updated) this.#put(anomaly, { raised: 0, ended: 0 });
    for (const anomaly of ended) {
      const isTold = anomaly.raisedMs !== null;
      this.#put(anomaly, { raised: 0, ended: isTold ? 1 : 0 });
    }
    if (raised.length + updated.length + ended.length === 0) return;
    this.#sql.exec(
      `DELETE FROM anomaly_change WHERE id IN (
         SELECT id FROM anomaly_change ORDER BY started_ms DESC, id
         LIMIT -1 OFFSET ?)`,
      MAX_WAITING_CHANGES,
    );
  }

  #put(
    anomaly: Anomaly,
    { raised, ended }: { readonly raised: 0 | 1; readonly ended: 0 | 1 },
  ): void {
    this.#sql.exec(
      `INSERT INTO anomaly_change (
         id, started_ms, revision, raised, ended, attempts, body
       ) VALUES (?, ?, ?, ?, ?, 0, ?)
       ON CONFLICT DO UPDATE SET revision = excluded.revision,
         raised = max(raised, excluded.raised),
         ended = max(ended, excluded.ended), body = excluded.body`,
      anomaly.id,
      anomaly.startedMs,
      anomaly.revision,
      raised,
      ended,
      JSON.stringify(anomaly),
    );
  }

  /** Those that wait for longest. */
  first(limit: number): WaitingChange[] {
    return this.#sql.exec<
      { raised: number; ended: number; attempts: number; body: string }
    >(
      `SELECT raised, ended, attempts, body FROM anomaly_change
       ORDER BY attempts, started_ms, id LIMIT ?`,
      limit,
    ).toArray().map(({ raised, ended, attempts, body }) => ({
      anomaly: JSON.parse(body) as Anomaly,
      raised: raised === 1,
      ended: ended === 1,
      attempts,
    }));
  }

  /** Notes that it was tried, and failed. */
  failed({ anomaly }: WaitingChange): void {
    this.#sql.exec(
      "UPDATE anomaly_change SET attempts = attempts + 1 WHERE id = ?",
      anomaly.id,
    );
  }

  /** Notes that all is done, unless it has changed meanwhile. */
  done({ anomaly, raised, ended }: WaitingChange): void {
    const { id, revision } = anomaly;
    this.#sql.exec(
      "DELETE FROM anomaly_change WHERE id = ? AND revision = ?",
      id,
      revision,
    );
    this.#sql.exec(
      `UPDATE anomaly_change SET raised = raised AND NOT ?,
         ended = ended AND NOT ?, attempts = 0 WHERE id = ?`,
      raised ? 1 : 0,
      ended ? 1 : 0,
      id,
    );
  }

  /** Whether any waits. */
  get waits(): boolean {
    return this.#sql.exec("SELECT 1 FROM anomaly_change LIMIT 1").toArray()
      .length > 0;
  }
}
