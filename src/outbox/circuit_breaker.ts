/** The first time that a target is left alone, ms; each further is twice it. */
export const FIRST_COOL_DOWN_MS = 1000;
/** The longest, ms. */
export const MAX_COOL_DOWN_MS = 30_000;
/** Targets of tenants that are remembered as failing; beyond, the oldest goes. */
export const MAX_OPEN_CIRCUITS = 1000;

interface Circuit {
  readonly failures: number;
  /** Until then nobody tries; then one does, ms since the epoch. */
  readonly openUntilMs: number;
}

/** What a failure says of the time until the next try. */
export interface CircuitFailure {
  /** Now, ms since the epoch. */
  readonly nowMs: number;
  /** A number from 0 to below 1. */
  readonly random: number;
  /** How long the target asks us to wait, ms. */
  readonly retryAfterMs: number | null;
}

/**
 * Leaves a target alone that does not answer, so that requests need not wait
 * for it: after a failure nobody tries for a while, then one request does.
 *
 * @example
 * ```ts
 * import { CircuitBreaker } from "../src/outbox/circuit_breaker.ts";
 *
 * const breaker = new CircuitBreaker();
 * breaker.failed("tempo", { nowMs: 0, random: 0, retryAfterMs: null });
 * expect(breaker.mayTry("tempo", 499)).toBe(false);
 * expect(breaker.mayTry("tempo", 500)).toBe(true);
 * expect(breaker.mayTry("tempo", 500)).toBe(false);
 * breaker.succeeded("tempo");
 * expect(breaker.mayTry("tempo", 501)).toBe(true);
 * ```
 */
export class CircuitBreaker {
  readonly #circuits: Map<string, Circuit> = new Map();

  /** Circuits that are open, or wait for the one that tries. */
  get size(): number {
    return this.#circuits.size;
  }

  /**
   * Whether a request may try the target. The one that may after a failure has
   * to say how it went; where it never does, another may later.
   */
  mayTry(id: string, nowMs: number): boolean {
    const circuit = this.#circuits.get(id);
    if (circuit === undefined) return true;
    if (nowMs < circuit.openUntilMs) return false;
    const openUntilMs = nowMs + MAX_COOL_DOWN_MS;
    this.#circuits.set(id, { ...circuit, openUntilMs });
    return true;
  }

  /** Notes that the target answered. */
  succeeded(id: string): void {
    this.#circuits.delete(id);
  }

  /** Notes that it did not. */
  failed(id: string, { nowMs, random, retryAfterMs }: CircuitFailure): void {
    const failures = (this.#circuits.get(id)?.failures ?? 0) + 1;
    const most = FIRST_COOL_DOWN_MS * 2 ** (failures - 1);
    const waitMs = Math.min(most, MAX_COOL_DOWN_MS) * (1 + random) / 2;
    const openUntilMs = nowMs + Math.max(waitMs, retryAfterMs ?? 0);
    this.#circuits.delete(id);
    this.#circuits.set(id, { failures, openUntilMs });
    if (this.#circuits.size <= MAX_OPEN_CIRCUITS) return;
    const [oldest] = this.#circuits.keys();
    if (oldest !== undefined) this.#circuits.delete(oldest);
  }
}
