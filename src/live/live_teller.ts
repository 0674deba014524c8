import { logFault } from "../http/log.ts";
import { settledWithin } from "../storage/settled_within.ts";
import type { ListenLease } from "./listen_lease.ts";
import { MAX_UNTOLD_BYTES, TELL_HUB_MS } from "./live_limits.ts";
import type { ChangedMinutes, LiveMinute } from "./live_minute.ts";

/** When it is tried again after the hub did not answer, ms. */
export const TELL_AGAIN_MS = 1000;

/** What a shard tells the hub. */
export interface LiveChanges {
  /** The newest account of each minute. */
  readonly changed: readonly ChangedMinutes[];
  /** Whether something has changed that is not among them. */
  readonly isPartial: boolean;
}

/**
 * Tells the hub; resolves to whether anybody listens.
 *
 * @throws Where the hub does not answer.
 */
export type TellHub = (changes: LiveChanges) => Promise<boolean>;

/**
 * What a trace shard has yet to tell the hub: the minutes that services have
 * answered with. While nobody listens it holds nothing and calls nobody.
 */
export class LiveTeller {
  readonly #lease: ListenLease;
  readonly #tellHub: TellHub;
  #untold: Map<string, Map<number, LiveMinute>> = new Map();
  #bytes = 0;
  #isPartial: boolean;
  #isTelling = false;

  /** @param nowMs When the shard started, ms since the epoch. */
  constructor(lease: ListenLease, { tellHub, nowMs }: {
    readonly tellHub: TellHub;
    readonly nowMs: number;
  }) {
    this.#lease = lease;
    this.#tellHub = tellHub;
    // What it had yet to tell went with the memory before.
    this.#isPartial = lease.isOn(nowMs);
  }

  /** Whether services are to answer with what has changed. */
  isOn(nowMs: number): boolean {
    const isOn = this.#lease.isOn(nowMs);
    if (!isOn && this.#hasNews) this.#forget();
    return isOn;
  }

  /** When there is something to tell, ms since the epoch; null for never. */
  dueMs(nowMs: number): number | null {
    return this.isOn(nowMs) && this.#hasNews ? nowMs + TELL_AGAIN_MS : null;
  }

  get #hasNews(): boolean {
    return this.#isPartial || this.#untold.size > 0;
  }

  /** Notes minutes of a service as they are now. */
  note(service: string, minutes: readonly LiveMinute[]): void {
    const known = this.#untold.get(service) ?? new Map<number, LiveMinute>();
    for (const minute of minutes) {
      const before = known.get(minute.startS);
      if (before !== undefined && before.revision > minute.revision) continue;
      this.#bytes += minute.summary.length - (before?.summary.length ?? 0);
      known.set(minute.startS, minute);
    }
    this.#untold.set(service, known);
    if (this.#bytes > MAX_UNTOLD_BYTES) this.missed();
  }

  /** Notes that something has changed, and nobody knows what. */
  missed(): void {
    this.#forget();
    this.#isPartial = true;
  }

  #forget(): void {
    this.#untold = new Map();
    this.#bytes = 0;
    this.#isPartial = false;
  }

  /** Tells what there is to tell; never throws. */
  async tell(nowMs: number): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      // More may come in meanwhile.
      while (this.isOn(nowMs) && this.#hasNews) await this.#tellOnce();
    } catch (error) {
      logFault("live_not_told", error);
      this.#isPartial = true;
    } finally {
      this.#isTelling = false;
    }
  }

  async #tellOnce(): Promise<void> {
    const heard = this.#tellHub(this.#take());
    if (await settledWithin(heard, TELL_HUB_MS)) {
      if (!await heard) this.#lease.end();
      return;
    }
    throw new Error(`The hub did not answer in ${TELL_HUB_MS} ms`);
  }

  #take(): LiveChanges {
    const changed = Array.from(this.#untold, ([service, minutes]) => ({
      service,
      minutes: [...minutes.values()],
    }));
    const isPartial = this.#isPartial;
    this.#forget();
    return { changed, isPartial };
  }
}
