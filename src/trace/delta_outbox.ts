import type { Delta } from "../aggregate/delta_message.ts";
import type { ServiceDelta } from "./delta_book.ts";
import { packDeltas, unpackDeltas } from "./delta_row.ts";
import type { ShardStore } from "./shard_store.ts";

/** Bytes of undelivered deltas from which on a shard takes no more spans. */
export const MAX_UNDELIVERED_BYTES = 16 * 1024 * 1024;

interface Tick {
  /** Services that have not confirmed it. */
  readonly open: Set<string>;
  bytes: number;
  readonly tickedMs: number;
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
  /** The newest tick's row says what has been told: it stays. */
  #newest: { sequence: number; journalId: number; tickedMs: number };
  #bytes = 0;

  constructor(store: ShardStore) {
    this.#store = store;
    this.#newest = { sequence: 0, journalId: 0, tickedMs: 0 };
    for (const row of store.deltas()) {
      this.#newest = row;
      this.#hold(row.sequence, row.tickedMs, [row.body]);
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
    tick: { readonly tickedMs: number; readonly journalId: number },
  ): void {
    const before = this.#newest.sequence;
    const sequence = before + 1;
    const rows = packDeltas(deltas);
    rows.forEach((body, part) => {
      this.#store.appendDelta({ sequence, part, ...tick, body });
    });
    this.#newest = { sequence, ...tick };
    if (!this.#ticks.has(before)) this.#store.deleteDelta(before);
    this.#hold(sequence, tick.tickedMs, rows);
  }

  #hold(
    sequence: number,
    tickedMs: number,
    rows: readonly Uint8Array[],
  ): void {
    const tick = this.#ticks.get(sequence) ??
      { open: new Set(), bytes: 0, tickedMs };
    for (const row of rows) {
      for (const { serviceId, minutes } of unpackDeltas(row)) {
        this.#holdService(serviceId, { sequence, minutes });
        tick.open.add(serviceId);
      }
      tick.bytes += row.length;
      this.#bytes += row.length;
    }
    this.#ticks.set(sequence, tick);
    this.#closeTick(sequence, tick);
  }

  #holdService(serviceId: string, delta: Delta): void {
    const deltas = this.#services.get(serviceId) ?? [];
    const last = deltas.at(-1);
    // A service whose minutes are in two rows of one tick: one delta.
    if (last?.sequence === delta.sequence) {
      deltas.pop();
      deltas.push({
        sequence: delta.sequence,
        minutes: [...last.minutes, ...delta.minutes],
      });
    } else {
      deltas.push(delta);
    }
    this.#services.set(serviceId, deltas);
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
    const deltas = this.#services.get(serviceId) ?? [];
    for (const delta of deltas) {
      if (delta.sequence > sequence) break;
      this.#confirmTick(serviceId, delta.sequence);
    }
    const rest = deltas.filter((delta) => delta.sequence > sequence);
    if (rest.length === 0) this.#services.delete(serviceId);
    else this.#services.set(serviceId, rest);
  }

  #confirmTick(serviceId: string, sequence: number): void {
    const tick = this.#ticks.get(sequence);
    if (tick === undefined) return;
    tick.open.delete(serviceId);
    this.#closeTick(sequence, tick);
  }

  #closeTick(sequence: number, tick: Tick): void {
    if (tick.open.size > 0) return;
    this.#ticks.delete(sequence);
    this.#bytes -= tick.bytes;
    if (sequence !== this.#newest.sequence) this.#store.deleteDelta(sequence);
  }
}
