import type { Delta } from "../aggregate/delta_message.ts";
import type { ServiceDelta } from "./delta_book.ts";
import {
  deltaBytes,
  encodeDelta,
  foldMinutes,
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
  /** Up to which number a service may have been told: that stays as it is. */
  readonly #inDoubt: Map<string, number> = new Map();
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
    // Nobody knows which of these were sent.
    for (const serviceId of this.#services.keys()) this.#doubtAll(serviceId);
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

  /**
   * Stores the deltas of a tick, in the caller's transaction. What a service
   * has not been told yet is added up by minute, so that one that does not
   * answer takes up little.
   */
  append(
    deltas: readonly ServiceDelta[],
    at: { readonly tickedMs: number; readonly journalId: number },
  ): void {
    const before = this.#newest.sequence;
    const tick = { sequence: before + 1, ...at };
    const shrunk = new Set<number>();
    const stored = deltas.map((delta) =>
      this.#withUntold(encodeDelta(delta), shrunk)
    );
    for (const sequence of shrunk) this.#rewrite(sequence);
    this.#store.appendDelta({ ...tick, body: packDeltas(stored) });
    this.#newest = tick;
    if (!this.#ticks.has(before)) this.#store.deleteDelta(before);
    this.#hold(tick, stored);
    this.#rewrite(tick.sequence - TICKS_BEFORE_REWRITE);
  }

  /**
   * A delta with what its service has not been told yet of the same minutes.
   *
   * @param shrunk Gets the ticks that hold less from now on.
   */
  #withUntold(delta: StoredDelta, shrunk: Set<number>): StoredDelta {
    const { serviceId } = delta;
    const told = this.#inDoubt.get(serviceId) ?? 0;
    let { minutes } = delta;
    const kept: Delta[] = [];
    for (const before of this.#deltasFor(serviceId)) {
      const folded = before.sequence > told
        ? foldMinutes(before.minutes, minutes)
        : null;
      if (folded === null) {
        kept.push(before);
        continue;
      }
      minutes = folded.sum;
      const rest = { sequence: before.sequence, minutes: folded.rest };
      this.#bytes += deltaBytes(rest) - deltaBytes(before);
      shrunk.add(before.sequence);
      if (rest.minutes.length > 0) kept.push(rest);
      else this.#ticks.get(before.sequence)?.open.delete(serviceId);
    }
    this.#services.set(serviceId, kept);
    return { serviceId, minutes };
  }

  #rewrite(sequence: number): void {
    const tick = this.#ticks.get(sequence);
    if (tick === undefined) return;
    this.#store.deleteDelta(sequence);
    if (tick.open.size === 0) {
      this.#ticks.delete(sequence);
      return;
    }
    const { journalId, tickedMs } = tick;
    const open = Array.from(tick.open, (serviceId) => ({
      serviceId,
      minutes: this.#deltasFor(serviceId)
        .find((delta) => delta.sequence === sequence)?.minutes ?? [],
    }));
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

  /**
   * What a service is to be told now, in order. From then on it is in doubt
   * whether it knows: until it confirms, it is told the very same again, and
   * nothing else.
   */
  attempt(serviceId: string): readonly Delta[] {
    const told = this.#inDoubt.get(serviceId) ?? 0;
    const again = this.#deltasFor(serviceId)
      .filter(({ sequence }) => sequence <= told);
    if (again.length > 0) return again;
    this.#doubtAll(serviceId);
    return this.#deltasFor(serviceId);
  }

  #doubtAll(serviceId: string): void {
    const last = this.#deltasFor(serviceId).at(-1);
    if (last !== undefined) this.#inDoubt.set(serviceId, last.sequence);
  }

  #deltasFor(serviceId: string): readonly Delta[] {
    return this.#services.get(serviceId) ?? [];
  }

  /** Notes that a service has all deltas up to a sequence number on disk. */
  confirm(serviceId: string, sequence: number): void {
    const rest: Delta[] = [];
    for (const delta of this.#deltasFor(serviceId)) {
      if (delta.sequence > sequence) {
        rest.push(delta);
      } else {
        this.#bytes -= deltaBytes(delta);
        this.#confirmTick(serviceId, delta.sequence);
      }
    }
    if (rest.length === 0) {
      this.#services.delete(serviceId);
      this.#inDoubt.delete(serviceId);
    } else this.#services.set(serviceId, rest);
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
