/** Requests that the gateway has in hand at a time, where nothing else is said. */
export const MAX_IN_FLIGHT = 512;
/** Bytes of them that it holds, where nothing else is said: 128 MiB. */
export const MAX_BUFFERED_BYTES = 128 * 1024 * 1024;

/** The most that may be in hand. */
export interface InFlightLimits {
  readonly requests: number;
  readonly bytes: number;
}

/** Gives back what was taken; a second call does nothing. */
export type Release = () => void;

/**
 * Counts what the gateway has in hand: beyond the limits it refuses at once
 * instead of collecting what the Worker does not take.
 *
 * @example
 * ```ts
 * import { InFlight } from "../src/gateway/in_flight.ts";
 *
 * const inFlight = new InFlight({ requests: 1, bytes: 100 });
 * const release = inFlight.take(100);
 * expect(inFlight.take(0)).toBe(null);
 * release?.();
 * expect(inFlight.take(101)).toBe(null);
 * ```
 */
export class InFlight {
  readonly #limits: InFlightLimits;
  #requests = 0;
  #bytes = 0;

  constructor(limits: InFlightLimits) {
    this.#limits = limits;
  }

  get requests(): number {
    return this.#requests;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a request of so many bytes; null where that is beyond a limit. */
  take(bytes: number): Release | null {
    if (this.#requests + 1 > this.#limits.requests) return null;
    if (this.#bytes + bytes > this.#limits.bytes) return null;
    this.#requests++;
    this.#bytes += bytes;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#requests--;
      this.#bytes -= bytes;
    };
  }
}
