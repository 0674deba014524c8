import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import { emptyWindow, type ServiceWindow } from "../map/service_window.ts";

/** What one service has to be told: additions to its minutes. */
export interface ServiceDelta {
  readonly service: NodeIdentity;
  /** By the start of the minute, unix seconds. */
  readonly minutes: ReadonlyMap<number, ServiceWindow>;
}

/**
 * Collects what changed since the services were last told, added up by
 * service and minute.
 *
 * @example
 * ```ts
 * import { DeltaBook } from "../src/trace/delta_book.ts";
 *
 * const book = new DeltaBook();
 * const cart = { namespace: "", name: "cart", environment: "" };
 * book.window(cart, 60).counters.spans += 2;
 * expect(book.drain().map((delta) => delta.service.name)).toEqual(["cart"]);
 * expect(book.empty).toBe(true);
 * ```
 */
export class DeltaBook {
  #services: Map<
    string,
    { service: NodeIdentity; minutes: Map<number, ServiceWindow> }
  > = new Map();
  // Spans share their service's object, so that most look-ups skip the string.
  #ids: WeakMap<NodeIdentity, string> = new WeakMap();

  /** Whether nothing has changed. */
  get empty(): boolean {
    return this.#services.size === 0;
  }

  /**
   * The additions to one minute of a service.
   *
   * @param minuteS Start of the minute, unix seconds.
   */
  window(service: NodeIdentity, minuteS: number): ServiceWindow {
    const id = this.#id(service);
    let delta = this.#services.get(id);
    if (delta === undefined) {
      delta = { service, minutes: new Map() };
      this.#services.set(id, delta);
    }
    let window = delta.minutes.get(minuteS);
    if (window === undefined) {
      window = emptyWindow();
      delta.minutes.set(minuteS, window);
    }
    return window;
  }

  #id(service: NodeIdentity): string {
    const known = this.#ids.get(service);
    if (known !== undefined) return known;
    const id = nodeId(service);
    this.#ids.set(service, id);
    return id;
  }

  /** Takes all additions out. */
  drain(): readonly ServiceDelta[] {
    const deltas = [...this.#services.values()];
    this.#services = new Map();
    return deltas;
  }
}
