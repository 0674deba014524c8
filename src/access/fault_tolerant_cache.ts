import { settledWithin } from "../storage/settled_within.ts";

/** For how long a value still serves while it cannot be read again, ms. */
export const MAX_STALE_MS = 10 * 60 * 1000;
/** The longest wait for a value, ms. */
export const MAX_READ_MS = 3000;
/** After a failed reading, for how long what there is serves unasked, ms. */
export const REREAD_AFTER_MS = 1000;

/** A value, or the fault for which there is none. */
export type Cached<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: unknown };

/** What a cache is for. */
export interface CacheOptions<T> {
  /** How long a value is taken as true, ms. */
  readonly freshMs: number;
  /** The most values; the one that was not read for longest goes. */
  readonly most: number;
  /** The same for values that `isAbsent`, kept apart so that guessing cannot
   * push out what is in use. */
  readonly mostAbsent: number;
  readonly isAbsent: (value: T) => boolean;
}

interface Entry<T> {
  readonly value: T;
  readonly readMs: number;
  /** Until when it serves without another reading. */
  readonly untilMs: number;
}

/** Values of D1 that an isolate remembers, for a while, and through faults. */
export class FaultTolerantCache<T> {
  readonly #options: CacheOptions<T>;
  readonly #present: Map<string, Entry<T>> = new Map();
  readonly #absent: Map<string, Entry<T>> = new Map();

  constructor(options: CacheOptions<T>) {
    this.#options = options;
  }

  /** How many values there are. */
  get size(): number {
    return this.#present.size + this.#absent.size;
  }

  /** Whether a value is remembered that is not absent, however old. */
  remembers(name: string): boolean {
    return this.#present.has(name);
  }

  /**
   * A value: remembered, or read. Where the reading fails, a value that was
   * read at most MAX_STALE_MS ago serves, but none that is absent: a fault must
   * not look like a wrong key.
   */
  async get(
    name: string,
    { nowMs, read }: {
      readonly nowMs: number;
      readonly read: () => Promise<T>;
    },
  ): Promise<Cached<T>> {
    const known = this.#present.get(name) ?? this.#absent.get(name);
    if (known !== undefined && nowMs < known.untilMs) {
      return { ok: true, value: known.value };
    }
    const result = await readInTime(read);
    if (result.ok) {
      const untilMs = nowMs + this.#options.freshMs;
      this.#put(name, { value: result.value, readMs: nowMs, untilMs });
      return result;
    }
    const stale = this.#present.get(name);
    if (stale === undefined || nowMs - stale.readMs > MAX_STALE_MS) {
      return result;
    }
    this.#put(name, { ...stale, untilMs: nowMs + REREAD_AFTER_MS });
    return { ok: true, value: stale.value };
  }

  /** Forgets a value, so that this isolate sees a change at once. */
  forget(name: string): void {
    this.#present.delete(name);
    this.#absent.delete(name);
  }

  #put(name: string, entry: Entry<T>): void {
    this.forget(name);
    const absent = this.#options.isAbsent(entry.value);
    const entries = absent ? this.#absent : this.#present;
    const most = absent ? this.#options.mostAbsent : this.#options.most;
    entries.set(name, entry);
    if (entries.size <= most) return;
    for (const oldest of entries.keys()) {
      entries.delete(oldest);
      return;
    }
  }
}

async function readInTime<T>(read: () => Promise<T>): Promise<Cached<T>> {
  try {
    const reading = read();
    if (await settledWithin(reading, MAX_READ_MS)) {
      return { ok: true, value: await reading };
    }
    const fault = new Error(`D1 did not answer within ${MAX_READ_MS} ms`);
    return { ok: false, fault };
  } catch (fault) {
    return { ok: false, fault };
  }
}
