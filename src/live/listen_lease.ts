const LEASE_KEY = "live_until";

/** The part of an object's storage that keeps a lease. */
export interface LeaseStorage {
  get(key: string): unknown;
  put(key: string, value: number): void;
  delete(key: string): boolean;
}

/**
 * Until when the hub wants to be told, on disk: an object that starts anew in
 * between goes on telling. Nobody is told anything without.
 */
export class ListenLease {
  readonly #storage: LeaseStorage;
  #untilMs: number;

  constructor(storage: LeaseStorage) {
    this.#storage = storage;
    this.#untilMs = Number(storage.get(LEASE_KEY) ?? 0);
  }

  /** Whether anybody listens, as far as known. */
  isOn(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }

  /** Has the hub told until then, ms since the epoch. */
  extend(untilMs: number): void {
    this.#untilMs = untilMs;
    this.#storage.put(LEASE_KEY, untilMs);
  }

  /** Nobody listens any more. */
  end(): void {
    if (this.#untilMs === 0) return;
    this.#untilMs = 0;
    this.#storage.delete(LEASE_KEY);
  }
}
