/**
 * What the Worker counts, with the text that `/metrics` explains it by. A
 * counter with `reason` is counted by reason, which is one of a closed set.
 */
export const COUNTERS = {
  requests: { help: "Requests, by the status answered", reason: "status" },
  refused_requests: { help: "OTLP requests refused", reason: "reason" },
  rejected_spans: { help: "Spans that can never be taken", reason: "reason" },
  accepted_spans: { help: "Spans acknowledged, retries included" },
  received_bytes: { help: "Bytes of bodies as they came" },
  overflowed_spans: {
    help: "Spans of services beyond a limit",
    reason: "limit",
  },
  dropped_links: { help: "Links beyond the limit of a span" },
  spans_not_kept: {
    help: "Spans counted on the map whose trace is kept without them",
    reason: "reason",
  },
  mappings_not_learned: {
    help: "Resource ids of spans beyond the limit of a service",
  },
  folded_names: { help: "Span names that held an id" },
  forwarded: { help: "Requests that a target took at once" },
  forward_failures: { help: "Attempts that a target did not take" },
  outbox_stored: { help: "Requests stored to be sent later" },
  outbox_refused: { help: "Requests that the outbox had no room for" },
  dropped_self_spans: {
    help: "Spans of TraceCore's own that were dropped",
    reason: "reason",
  },
  lost_counts: { help: "Counts of tenants that an isolate had no room for" },
} as const satisfies Readonly<
  Record<string, { readonly help: string; readonly reason?: string }>
>;

/** The name of a counter, without the prefix that it has in `/metrics`. */
export type CounterName = keyof typeof COUNTERS;

/** One count to be added. */
export interface Count {
  readonly counter: CounterName;
  /** "" for a counter without. */
  readonly reason: string;
  readonly amount: number;
}

/** Tenants that a book keeps counts of, "" not among them. */
export const MAX_BOOK_TENANTS = 1000;

/**
 * Counts since they were last taken, by tenant; "" before a key is known. Of a
 * tenant beyond MAX_BOOK_TENANTS it keeps only how much it lost.
 */
export class CounterBook {
  readonly #tenants: Map<string, Map<string, Count>> = new Map();

  /** Adds to a counter. */
  add(tenant: string, added: Count): void {
    if (added.amount === 0) return;
    if (!this.#hasRoomFor(tenant)) {
      const { amount } = added;
      this.add("", { counter: "lost_counts", reason: "", amount });
      return;
    }
    const counts = this.#tenants.get(tenant) ?? new Map<string, Count>();
    this.#tenants.set(tenant, counts);
    const id = `${added.counter} ${added.reason}`;
    const amount = (counts.get(id)?.amount ?? 0) + added.amount;
    counts.set(id, { ...added, amount });
  }

  /** Takes everything out of the book. */
  drain(): ReadonlyMap<string, readonly Count[]> {
    const taken = new Map(
      Array.from(this.#tenants, ([tenant, counts]) => [
        tenant,
        [...counts.values()],
      ]),
    );
    this.#tenants.clear();
    return taken;
  }

  #hasRoomFor(tenant: string): boolean {
    if (tenant === "" || this.#tenants.has(tenant)) return true;
    const tenants = this.#tenants.size - (this.#tenants.has("") ? 1 : 0);
    return tenants < MAX_BOOK_TENANTS;
  }
}

/** The book of this isolate. */
export const counterBook = new CounterBook();

/**
 * Counts something that happened for a tenant.
 *
 * @param tenant "" before it is known.
 */
export function count(
  tenant: string,
  counter: CounterName,
  { amount = 1, reason = "" }: {
    readonly amount?: number;
    readonly reason?: string;
  } = {},
): void {
  counterBook.add(tenant, { counter, reason, amount });
}
