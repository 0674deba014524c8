const MINUTE_MS = 60_000;

/** Whether a line may be written. */
export interface LogTurn {
  readonly allowed: boolean;
  /** Lines left out before this one, and not told of yet. */
  readonly leftOut: number;
}

/**
 * Lets so many lines a minute into the log, so that a flood of requests does not
 * become a flood of lines.
 *
 * @example The third line of a minute
 * ```ts
 * import { LogBudget } from "../src/http/log_budget.ts";
 *
 * const budget = new LogBudget(2);
 * const turns = [0, 1, 2, 60_000].map((nowMs) => budget.take(nowMs));
 * expect(turns.map(({ allowed }) => allowed)).toEqual([true, true, false, true]);
 * expect(turns[3]?.leftOut).toBe(1);
 * ```
 */
export class LogBudget {
  readonly #linesPerMinute: number;
  #minute = -1;
  #written = 0;
  #leftOut = 0;

  constructor(linesPerMinute: number) {
    this.#linesPerMinute = linesPerMinute;
  }

  /** Asks for one line. */
  take(nowMs: number): LogTurn {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#written = 0;
    }
    if (this.#written >= this.#linesPerMinute) {
      this.#leftOut++;
      return { allowed: false, leftOut: 0 };
    }
    this.#written++;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return { allowed: true, leftOut };
  }
}
