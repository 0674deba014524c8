/** How long a request waits for room before it is refused, ms. */
export const MAX_WAIT_MS = 5000;
/** Requests that may wait for room; more are refused at once. */
export const MAX_WAITING_REQUESTS = 256;
/** The same of one owner: it is not to have all places in the queue. */
export const MAX_WAITING_PER_OWNER = MAX_WAITING_REQUESTS / 2;
/** Owners whose turns a budget remembers; then all begin anew. */
export const MAX_REMEMBERED_TURNS = 1000;
/**
 * A lease that is older than this is taken for lost, ms: the platform can end
 * a request without running what should come last.
 */
export const MAX_LEASE_MS = 60_000;
const POLL_MS = 20;

/** What a budget is made of. */
export interface MemoryBudgetOptions {
  /** All that may be leased at a time. */
  readonly capacityBytes: number;
  /** The most that one owner may have of it. @default all of it */
  readonly ownerBytes?: number;
  /** ms since the epoch. @default {Date.now} */
  readonly now?: () => number;
  /** @default a timer */
  readonly wait?: (ms: number) => Promise<void>;
}

/** Room that a request has until it gives it back. */
export interface Lease {
  /** Gives the room back; a second call does nothing. */
  release(): void;
}

interface Held {
  readonly owner: string;
  readonly bytes: number;
  readonly sinceMs: number;
}

interface Ticket {
  readonly owner: string;
  readonly bytes: number;
  /** Whose is lower comes first; see `#turnOf`. */
  readonly turn: number;
  readonly untilMs: number;
}

/**
 * Memory that the requests of one isolate share. Who finds no room waits for
 * its turn, holding nothing; who has waited for too long, or finds too many
 * waiting, is told to come again. An owner's requests come in the order of
 * their arrival; owners take turns, each the later the more bytes it had, so
 * that none waits behind all that another has sent. Owners do not wait for one
 * another's share.
 *
 * Source of the turns: start-time fair queueing (Goyal, Vin, Cheng, 1996).
 *
 * Each waiter wakes by a timer of its own: the platform does not let one
 * request continue another.
 *
 * @example
 * ```ts
 * import { MemoryBudget } from "../src/ingest/memory_budget.ts";
 *
 * const budget = new MemoryBudget({ capacityBytes: 100 });
 * const lease = await budget.reserve("default", 60);
 * expect(budget.leasedBytes).toBe(60);
 * lease?.release();
 * expect(budget.leasedBytes).toBe(0);
 * ```
 */
export class MemoryBudget {
  readonly #capacityBytes: number;
  readonly #ownerBytes: number;
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #held: Set<Held> = new Set();
  readonly #owners: Map<string, number> = new Map();
  #leasedBytes = 0;
  /** In the order of turns. */
  readonly #queue: Ticket[] = [];
  /** Where each owner's next turn is, if it is after that of all. */
  readonly #turns: Map<string, number> = new Map();
  /** The turn of the last one that entered. */
  #turn = 0;

  constructor(options: MemoryBudgetOptions) {
    this.#capacityBytes = options.capacityBytes;
    this.#ownerBytes = options.ownerBytes ?? options.capacityBytes;
    this.#now = options.now ?? Date.now;
    this.#wait = options.wait ?? timer;
  }

  /** Bytes that are leased now. */
  get leasedBytes(): number {
    return this.#leasedBytes;
  }

  /** Requests that wait for room now. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Waits for room. More than an owner can have counts as all of that.
   *
   * @param owner Whose share it comes from.
   * @returns null where there was none within MAX_WAIT_MS, or
   * MAX_WAITING_REQUESTS wait already, or MAX_WAITING_PER_OWNER of the owner.
   */
  async reserve(owner: string, bytes: number): Promise<Lease | null> {
    this.#dropLost();
    if (!this.#mayWait(owner)) return null;
    const room = Math.min(bytes, this.#ownerBytes, this.#capacityBytes);
    const ticket = {
      owner,
      bytes: room,
      turn: this.#turnOf(owner, room),
      untilMs: this.#now() + MAX_WAIT_MS,
    };
    this.#enqueue(ticket);
    try {
      while (!this.#mayEnter(ticket)) {
        if (this.#now() >= ticket.untilMs) return null;
        await this.#wait(POLL_MS);
        this.#dropLost();
      }
    } finally {
      this.#leave(ticket);
    }
    this.#turn = Math.max(this.#turn, ticket.turn);
    return this.#lease(ticket);
  }

  #mayWait(owner: string): boolean {
    if (this.#queue.length >= MAX_WAITING_REQUESTS) return false;
    const own = this.#queue.filter((ticket) => ticket.owner === owner);
    return own.length < MAX_WAITING_PER_OWNER;
  }

  /** The turn of an owner's next request, which puts off the one after it. */
  #turnOf(owner: string, bytes: number): number {
    const turn = Math.max(this.#turn, this.#turns.get(owner) ?? 0);
    const isFull = this.#turns.size >= MAX_REMEMBERED_TURNS;
    if (isFull && !this.#turns.has(owner)) this.#turns.clear();
    this.#turns.set(owner, turn + bytes);
    return turn;
  }

  #enqueue(ticket: Ticket): void {
    const after = this.#queue.findIndex(({ turn }) => turn > ticket.turn);
    this.#queue.splice(after === -1 ? this.#queue.length : after, 0, ticket);
  }

  #leave(ticket: Ticket): void {
    const at = this.#queue.indexOf(ticket);
    if (at !== -1) this.#queue.splice(at, 1);
  }

  #lease({ owner, bytes }: Ticket): Lease {
    const held = { owner, bytes, sinceMs: this.#now() };
    this.#held.add(held);
    this.#book(owner, bytes);
    return { release: () => this.#release(held) };
  }

  #release(held: Held): void {
    if (this.#held.delete(held)) this.#book(held.owner, -held.bytes);
  }

  #book(owner: string, bytes: number): void {
    this.#leasedBytes += bytes;
    const has = (this.#owners.get(owner) ?? 0) + bytes;
    if (has === 0) this.#owners.delete(owner);
    else this.#owners.set(owner, has);
  }

  /** Whether there is room for it, and for all whose turn is before it. */
  #mayEnter(ticket: Ticket): boolean {
    const blocked = new Set<string>();
    let bytes = this.#leasedBytes;
    for (const before of this.#queue) {
      const has = this.#owners.get(before.owner) ?? 0;
      const fits = has + before.bytes <= this.#ownerBytes &&
        !blocked.has(before.owner);
      if (before === ticket) {
        return fits && bytes + ticket.bytes <= this.#capacityBytes;
      }
      // An owner that has its share must not keep the others waiting.
      if (fits) bytes += before.bytes;
      else blocked.add(before.owner);
    }
    return false;
  }

  #dropLost(): void {
    const nowMs = this.#now();
    for (const held of this.#held) {
      if (held.sinceMs > nowMs - MAX_LEASE_MS) break;
      this.#release(held);
    }
    const lost = this.#queue.filter(({ untilMs }) =>
      untilMs <= nowMs - POLL_MS
    );
    for (const ticket of lost) this.#leave(ticket);
  }
}

function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
