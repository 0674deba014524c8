/** An alarm that is overdue by more than this is taken for lost, ms. */
export const ALARM_GRACE_MS = 5000;

/** The part of an object's storage that keeps its alarm. */
export type AlarmStorage = Pick<
  DurableObjectStorage,
  "getAlarm" | "setAlarm"
>;

/**
 * An object's one alarm, with its time in memory, so that it is written only
 * when it has to move.
 *
 * An alarm that was due while nothing ran comes by itself soon after a start;
 * setting it again would put it off with every restart. One that still has
 * not come after `ALARM_GRACE_MS` is lost, and is set anew at the next
 * occasion.
 */
export class AlarmClock {
  readonly #storage: AlarmStorage;
  #atMs: number | null = null;

  constructor(storage: AlarmStorage) {
    this.#storage = storage;
  }

  /** Reads the alarm that is set; once, before anything else. */
  async load(): Promise<void> {
    this.#atMs = await this.#storage.getAlarm();
  }

  /** Notes that the alarm came: none is set any more. */
  rang(): void {
    this.#atMs = null;
  }

  /**
   * Has the alarm come at `dueMs` or before; the storage is told before the
   * first `await`, hence in the same transaction as the writes around.
   *
   * @param dueMs When it is due, ms since the epoch; null for never.
   * @param nowMs Now, ms since the epoch.
   */
  async wakeBy(dueMs: number | null, nowMs: number): Promise<void> {
    if (dueMs === null) return;
    const atMs = Math.max(dueMs, nowMs);
    const isLost = this.#atMs !== null && this.#atMs < nowMs - ALARM_GRACE_MS;
    if (this.#atMs !== null && this.#atMs <= atMs && !isLost) return;
    this.#atMs = atMs;
    await this.#storage.setAlarm(atMs);
  }
}
