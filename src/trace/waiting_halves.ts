import { type Half, Outcome } from "./trace_state.ts";

/** Halves that may wait in one shard; beyond, the oldest wait no longer. */
export const MAX_WAITING_HALVES = 50_000;

/** A half that waits, with the trace whose state holds it. */
export interface WaitingHalf {
  readonly half: Half;
  readonly traceId: string;
}

/** A queue in the order of arrival, so that the next to expire is in front. */
export class WaitingHalves {
  #queue: WaitingHalf[] = [];
  #front = 0;

  /** How many wait. Halves that were joined meanwhile still count. */
  get size(): number {
    return this.#queue.length - this.#front;
  }

  /** When the first of them came, ms since the epoch; null without any. */
  get oldestMs(): number | null {
    return this.#queue[this.#front]?.half.arrivedMs ?? null;
  }

  /** Adds a half that came no sooner than those before it. */
  push(waiting: WaitingHalf): void {
    this.#queue.push(waiting);
  }

  /** Takes out those that came at `arrivedMs` or before. */
  *takeUntil(arrivedMs: number): Generator<WaitingHalf> {
    for (;;) {
      const first = this.#queue[this.#front];
      if (first === undefined || first.half.arrivedMs > arrivedMs) break;
      this.#front++;
      yield first;
    }
    this.#compact();
  }

  /**
   * Takes out what was joined meanwhile and, if more than `max` still wait,
   * the oldest: all that came in one millisecond together, since only the
   * order of arrival times is the same after a restart.
   *
   * @returns What no longer waits, at the cost of a pass over all only where
   *   the queue is longer than `max`.
   */
  takeBeyond(max: number): readonly WaitingHalf[] {
    if (this.size <= max) return [];
    const queue = this.#queue.slice(this.#front);
    const taken = queue.filter(({ half }) => half.outcome !== Outcome.WAITING);
    const waiting = queue.filter(({ half }) =>
      half.outcome === Outcome.WAITING
    );
    this.#queue = waiting;
    this.#front = 0;
    const last = waiting[waiting.length - max - 1];
    if (last !== undefined) taken.push(...this.takeUntil(last.half.arrivedMs));
    return taken;
  }

  #compact(): void {
    if (this.#front * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#front);
    this.#front = 0;
  }
}
