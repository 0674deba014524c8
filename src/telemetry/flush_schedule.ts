/** How long counts and own spans stay in an isolate at most, ms. */
export const FLUSH_INTERVAL_MS = 5000;
/** After this a run that did not end was cut off with its request, ms. */
export const RUN_LIMIT_MS = 30_000;

/** What a schedule needs of the platform. */
export interface FlushClock {
  /** ms since the epoch. */
  readonly nowMs: () => number;
  /** Settles after that many ms. */
  readonly wait: (ms: number) => Promise<void>;
}

/**
 * Decides when an isolate sends what it gathered: each request offers its
 * `waitUntil`, and one at a time uses it. That run flushes at once after a quiet
 * time, and again when FLUSH_INTERVAL_MS are over, so that what is counted after
 * an answer, or by the last request for long, is sent too.
 */
export class FlushSchedule {
  #lastMs = -Infinity;
  #runEndsByMs = -Infinity;

  /** Flushes as is due; ends within RUN_LIMIT_MS, at once where a run is on. */
  async run(flush: () => Promise<void>, clock: FlushClock): Promise<void> {
    const startMs = clock.nowMs();
    if (startMs < this.#runEndsByMs) return;
    this.#runEndsByMs = startMs + RUN_LIMIT_MS;
    if (startMs - this.#lastMs >= FLUSH_INTERVAL_MS) {
      this.#lastMs = startMs;
      await flush();
    }
    await clock.wait(FLUSH_INTERVAL_MS);
    // Before the flush: whatever comes while it is under way is the next run's.
    this.#runEndsByMs = -Infinity;
    this.#lastMs = clock.nowMs();
    await flush();
  }
}
