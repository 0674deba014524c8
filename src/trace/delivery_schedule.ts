/** The first wait after a failed delivery, ms; each further one is twice it. */
export const FIRST_RETRY_MS = 1000;
/** The longest wait between two deliveries to a service, ms. */
export const MAX_RETRY_MS = 60_000;
/**
 * Services that are told for the first time at once. Each may be an object that
 * has yet to be made, which takes a machine some 10 ms: a thousand of them at
 * once would hold up all else that it does for seconds.
 */
export const MAX_FIRST_DELIVERIES = 100;

interface Failures {
  count: number;
  retryMs: number;
}

/**
 * Which services a shard may talk to now: one delivery to a service at a
 * time, and fewer and fewer to one that does not answer.
 *
 * @example
 * ```ts
 * import { DeliverySchedule } from "../src/trace/delivery_schedule.ts";
 *
 * const schedule = new DeliverySchedule();
 * schedule.began("cart");
 * expect(schedule.due(["cart", "web"], 0)).toEqual(["web"]);
 * schedule.failed("cart", 0);
 * expect(schedule.due(["cart"], 999)).toEqual([]);
 * expect(schedule.due(["cart"], 1000)).toEqual(["cart"]);
 * ```
 */
export class DeliverySchedule {
  readonly #underWay: Set<string> = new Set();
  readonly #failures: Map<string, Failures> = new Map();
  /** Services that were told anything, or did not answer. */
  readonly #met: Set<string> = new Set();

  /** Those of the services that may be told now. */
  due(services: readonly string[], nowMs: number): readonly string[] {
    let first = 0;
    return services.filter((id) =>
      !this.#underWay.has(id) &&
      (this.#failures.get(id)?.retryMs ?? 0) <= nowMs &&
      (this.#met.has(id) || first++ < MAX_FIRST_DELIVERIES)
    );
  }

  /** Notes that a delivery began. */
  began(serviceId: string): void {
    this.#underWay.add(serviceId);
    this.#met.add(serviceId);
  }

  /** Notes that a delivery was confirmed. */
  succeeded(serviceId: string): void {
    this.#underWay.delete(serviceId);
    this.#failures.delete(serviceId);
  }

  /** Notes that a delivery failed. */
  failed(serviceId: string, nowMs: number): void {
    this.#underWay.delete(serviceId);
    const count = (this.#failures.get(serviceId)?.count ?? 0) + 1;
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (count - 1), MAX_RETRY_MS);
    this.#failures.set(serviceId, { count, retryMs: nowMs + waitMs });
  }
}
