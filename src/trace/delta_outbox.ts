import type { Delta } from "../aggregate/delta_message.ts";
import type { ServiceDelta } from "./delta_book.ts";
import {
  deltaBytes,
  encodeDelta,
  packDeltas,
  type StoredDelta,
  unpackDeltas,
} from "./delta_row.ts";
import type { DeltaRow, ShardStore } from "./shard_store.ts";

/** Bytes of unconfirmed deltas from which on a shard takes no more spans. */
export const MAX_UNDELIVERED_BYTES = 16 * 1024 * 1024;
/**
 * After so many ticks a tick is stored anew, without what was confirmed: one
 * service that does not answer must not keep all the others' deltas.
 */
export const TICKS_BEFORE_REWRITE = 30;

interface Tick {
  /** Services that have not confirmed it. */
  readonly open: Set<string>;
  readonly tickedMs: number;
  readonly journalId: number;
}

/**
 * What the services have yet to confirm, on disk and in memory. The sequence
 * number is the tick's, so that a service sees its numbers rise and tells a
 * redelivery by a number it has had.
 */
export class DeltaOutbox {
  readonly #store: ShardStore;
  readonly #ticks: Map<number, Tick> = new Map();
  readonly #services: Map<string, Delta[]> = new Map();
  /** The newest tick says what has been told: it stays on disk. */
  #newest: Omit<DeltaRow, "body">;
  #bytes = 0;

  constructor(store: ShardStore) {
    this.#store = store;
    this.#newest = { sequence: 0, journalId: 0, tickedMs: 0 };
    for (const { body, ...tick } of store.deltas()) {
      this.#newest = tick;
      this.#hold(tick, unpackDeltas(body));
    }
  }

  /** The last entry of the journal whose deltas are in here or confirmed. */
  get journalId(): number {
    return this.#newest.journalId;
  }

  /** The last tick, ms since the epoch; 0 before the first. */
  get tickedMs(): number {
    return this.#newest.tickedMs;
  }

  /** Bytes that are not confirmed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the oldest unconfirmed tick was, ms since the epoch, or null. */
  get oldestMs(): number | null {
    for (const tick of this.#ticks.values()) return tick.tickedMs;
    return null;
  }

  /** Stores the deltas of a tick, in the caller's transaction. */
  append(
    deltas: readonly ServiceDelta[],
    at: { readonly tickedMs: number; readonly journalId: number },
  ): void {
    const before = this.#newest.sequence;
    const tick = { sequence: before + 1, ...at };
    const stored = deltas.map(encodeDelta);
    this.#store.appendDelta({ ...tick, body: packDeltas(stored) });
    this.#newest = tick;
    if (!this.#ticks.has(before)) this.#store.deleteDelta(before);
    this.#hold(tick, stored);
    this.#rewrite(tick.sequence - TICKS_BEFORE_REWRITE);
  }

  #rewrite(sequence: number): void {
    const tick = this.#ticks.get(sequence);
    if (tick === undefined) return;
    const { journalId, tickedMs } = tick;
    const open = Array.from(tick.open, (serviceId) => ({
      serviceId,
      minutes: this.deltasFor(serviceId)
        .find((delta) => delta.sequence === sequence)?.minutes ?? [],
    }));
    this.#store.deleteDelta(sequence);
    const body = packDeltas(open);
    this.#store.appendDelta({ sequence, journalId, tickedMs, body });
  }

  #hold(
    tick: Omit<DeltaRow, "body">,
    deltas: readonly StoredDelta[],
  ): void {
    if (deltas.length === 0) return;
    const open = new Set(deltas.map(({ serviceId }) => serviceId));
    this.#ticks.set(tick.sequence, { ...tick, open });
    for (const { serviceId, minutes } of deltas) {
      const delta = { sequence: tick.sequence, minutes };
      const waiting = this.#services.get(serviceId);
      if (waiting === undefined) this.#services.set(serviceId, [delta]);
      else waiting.push(delta);
      this.#bytes += deltaBytes(delta);
    }
  }

  /** Services that have something to be told. */
  services(): readonly string[] {
    return [...this.#services.keys()];
  }

  /** What a service has to be told, in order. */
  deltasFor(serviceId: string): readonly Delta[] {
    return this.#services.get(serviceId) ?? [];
  }

  /** Notes that a service has all deltas up to a sequence number on disk. */
  confirm(serviceId: string, sequence: number): void {
    const rest: Delta[] = [];
    for (const delta of this.deltasFor(serviceId)) {
      if (delta.sequence > sequence) {
        rest.push(delta);
      } else {
        this.#bytes -= deltaBytes(delta);
        this.#confirmTick(serviceId, delta.sequence);
      }
    }
    if (rest.length === 0) this.#services.delete(serviceId);
    else this.#services.set(serviceId, rest);
  }

  #confirmTick(serviceId: string, sequence: number): void {
    const tick = this.#ticks.get(sequence);
    if (tick === undefined) return;
    tick.open.delete(serviceId);
    if (tick.open.size > 0) return;
    this.#ticks.delete(sequence);
    if (sequence !== this.#newest.sequence) this.#store.deleteDelta(sequence);
  }
}
