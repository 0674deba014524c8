import type { Half } from "./trace_state.ts";

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

  #compact(): void {
    if (this.#front * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#front);
    this.#front = 0;
  }
}
