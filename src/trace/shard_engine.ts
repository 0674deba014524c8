import type { Delta } from "../aggregate/delta_message.ts";
import { DeltaBook, type ServiceDelta } from "./delta_book.ts";
import { DeltaOutbox } from "./delta_outbox.ts";
import { groupByRow, packMessages, unpackMessages } from "./journal_row.ts";
import {
  admitLink,
  admitSpan,
  expireHalf,
  type JoinContext,
  PAIR_WAIT_MS,
} from "./join.ts";
import type { ShardEngineStatus } from "./shard_status.ts";
import { type JournalEntry, ShardStore } from "./shard_store.ts";
import {
  decodeTraceMessage,
  type ReadMessage,
  type TraceMessage,
} from "./trace_message.ts";
import { waitingHalves } from "./trace_state.ts";
import { MAX_HOT_SPANS, TraceTable } from "./trace_table.ts";
import {
  MAX_WAITING_HALVES,
  type WaitingHalf,
  WaitingHalves,
} from "./waiting_halves.ts";

/** How often the services are told what changed, ms. */
export const TICK_MS = 1000;
/** A journal of this many bytes makes a checkpoint due. */
export const MAX_JOURNAL_BYTES = 8 * 1024 * 1024;
/** A journal whose first entry is this old makes a checkpoint due, ms. */
export const MAX_JOURNAL_AGE_MS = 5 * 60_000;

/** What a shard can be told to do otherwise. */
export interface ShardEngineOptions {
  /**
   * A journal of this many bytes makes a checkpoint due.
   *
   * @default {MAX_JOURNAL_BYTES}
   */
  readonly maxJournalBytes?: number;
  /**
   * Halves that may wait after a message.
   *
   * @default {MAX_WAITING_HALVES}
   */
  readonly maxWaitingHalves?: number;
}

/**
 * A trace shard without its object: storage in, deltas out, the clock passed
 * in. What it knows is a function of what is on disk: traces as they stood at
 * the last checkpoint, then the journal, entry by entry at the time it came.
 * Deltas that were stored at a tick are not made again when the journal is
 * read again; those after the last tick are.
 */
export class ShardEngine {
  readonly #storage: DurableObjectStorage;
  readonly #store: ShardStore;
  readonly #table: TraceTable;
  readonly #outbox: DeltaOutbox;
  readonly #waiting = new WaitingHalves();
  readonly #book = new DeltaBook();
  readonly #maxJournalBytes: number;
  readonly #maxWaitingHalves: number;
  #journalId: number;
  #journalBytes = 0;
  #journalSinceMs: number | null = null;
  #lastMs: number;
  #spans = 0;
  #expiredEarly = 0;

  /** Reads the storage; its tables have to exist. */
  constructor(
    storage: DurableObjectStorage,
    options: ShardEngineOptions = {},
  ) {
    this.#storage = storage;
    this.#maxJournalBytes = options.maxJournalBytes ?? MAX_JOURNAL_BYTES;
    this.#maxWaitingHalves = options.maxWaitingHalves ?? MAX_WAITING_HALVES;
    this.#store = new ShardStore(storage.sql);
    this.#table = new TraceTable(this.#store);
    this.#outbox = new DeltaOutbox(this.#store);
    this.#journalId = this.#outbox.journalId;
    this.#lastMs = this.#outbox.tickedMs;
    this.#recover();
  }

  #recover(): void {
    const newest = this.#table.segments.at(-1);
    if (newest !== undefined) this.#waitAgain(newest.id);
    const told = this.#outbox.journalId;
    for (const entry of this.#store.journal("until", told)) this.#replay(entry);
    this.#expire(this.#outbox.tickedMs);
    // All of this was stored at a tick, to be told or told already.
    this.#book.drain();
    for (const entry of this.#store.journal("after", told)) this.#replay(entry);
  }

  #replay({ id, arrivedMs, body }: JournalEntry): void {
    this.#note(id, arrivedMs, body.length);
    for (const message of unpackMessages(body)) {
      this.#process(decodeTraceMessage(message), arrivedMs);
    }
  }

  /** The newest segment holds every half that waited when it was written. */
  #waitAgain(segmentId: number): void {
    const waiting: WaitingHalf[] = [];
    for (const { id, state: stored } of this.#store.tracesOf(segmentId)) {
      if (waitingHalves(stored).length === 0) continue;
      const state = this.#table.trace(id, this.#lastMs);
      for (const half of waitingHalves(state)) {
        waiting.push({ half, traceId: id });
      }
    }
    waiting.sort((a, b) => a.half.arrivedMs - b.half.arrivedMs);
    for (const entry of waiting) {
      this.#table.waits(entry.traceId, 1);
      this.#waiting.push(entry);
    }
  }

  /**
   * Writes what came to the journal, then counts and joins it. The caller
   * acknowledges when the storage has synced.
   */
  accept(arrivals: readonly ReadMessage[], nowMs: number): void {
    const arrivedMs = this.#advance(nowMs);
    this.#storage.transactionSync(() => {
      const messages = arrivals.map(({ facts }) => ({ bytes: facts }));
      for (const group of groupByRow(messages)) {
        const body = packMessages(group);
        this.#note(this.#journalId + 1, arrivedMs, body.length);
        this.#store.appendJournal({ id: this.#journalId, arrivedMs, body });
      }
    });
    for (const { message } of arrivals) this.#process(message, arrivedMs);
  }

  /** Those of the traces of which anything was taken, and is remembered. */
  known(traceIds: Iterable<string>): ReadonlySet<string> {
    return this.#table.known(traceIds);
  }

  /**
   * Ends the wait of lone halves, and stores what the services are to know.
   *
   * @returns What is new of it.
   */
  tick(nowMs: number): readonly ServiceDelta[] {
    const tickedMs = this.#advance(nowMs);
    this.#expire(tickedMs);
    const untold = this.#journalId > this.#outbox.journalId;
    const deltas = this.#book.drain();
    this.#storage.transactionSync(() => {
      if (deltas.length > 0 || untold) {
        const journalId = this.#journalId;
        this.#outbox.append(deltas, { tickedMs, journalId });
      }
      if (this.#checkpointDue(tickedMs)) this.#checkpoint(tickedMs);
    });
    return deltas;
  }

  #checkpoint(nowMs: number): void {
    this.#table.checkpoint(nowMs);
    this.#store.clearJournal();
    this.#journalBytes = 0;
    this.#journalSinceMs = null;
  }

  #checkpointDue(nowMs: number): boolean {
    if (this.#journalSinceMs === null) return false;
    return this.#journalBytes >= this.#maxJournalBytes ||
      this.#table.hotSpans >= MAX_HOT_SPANS ||
      this.#journalSinceMs <= nowMs - MAX_JOURNAL_AGE_MS;
  }

  // Replay depends on time never running backwards.
  #advance(nowMs: number): number {
    this.#lastMs = Math.max(this.#lastMs, nowMs);
    return this.#lastMs;
  }

  #note(journalId: number, arrivedMs: number, bytes: number): void {
    this.#journalId = journalId;
    this.#journalBytes += bytes;
    this.#journalSinceMs ??= arrivedMs;
    this.#lastMs = Math.max(this.#lastMs, arrivedMs);
  }

  #process(message: TraceMessage, arrivedMs: number): void {
    this.#expire(arrivedMs);
    this.#spans += message.spans.length;
    this.#table.bring(tracesOf(message), arrivedMs);
    for (const span of message.spans) {
      const state = this.#table.trace(span.traceId, arrivedMs);
      const context = this.#context(span.traceId);
      if (admitSpan(context, state, { span, arrivedMs })) {
        this.#table.changed(span.traceId, 1);
      }
    }
    for (const link of message.links) {
      const { traceId } = link.target;
      const state = this.#table.trace(traceId, arrivedMs);
      if (admitLink(this.#context(traceId), state, { link, arrivedMs })) {
        this.#table.changed(traceId, 1);
      }
    }
    // After each message, never in between: the same at a replay.
    const beyond = this.#waiting.takeBeyond(this.#maxWaitingHalves);
    for (const waiting of beyond) {
      if (this.#endWait(waiting)) this.#expiredEarly++;
    }
  }

  #context(traceId: string): JoinContext {
    return {
      book: this.#book,
      wait: (half) => {
        this.#table.waits(traceId, 1);
        this.#waiting.push({ half, traceId });
      },
    };
  }

  #expire(nowMs: number): void {
    for (const waiting of this.#waiting.takeUntil(nowMs - PAIR_WAIT_MS)) {
      this.#endWait(waiting);
    }
  }

  /** Whether the half waited in vain. */
  #endWait({ half, traceId }: WaitingHalf): boolean {
    this.#table.waits(traceId, -1);
    const alone = expireHalf(this.#book, half);
    if (alone) this.#table.changed(traceId, 0);
    return alone;
  }

  /** When the next tick is due, ms since the epoch; null where none is. */
  nextTickMs(): number | null {
    if (!this.#book.empty || this.#outbox.services().length > 0) {
      return this.#lastMs + TICK_MS;
    }
    const oldestMs = this.#waiting.oldestMs;
    if (oldestMs !== null) return oldestMs + PAIR_WAIT_MS;
    if (this.#journalSinceMs === null) return null;
    return this.#journalSinceMs + MAX_JOURNAL_AGE_MS;
  }

  /** Services that have something to be told (`nodeId`). */
  services(): readonly string[] {
    return this.#outbox.services();
  }

  /** What a service is to be told now, in order, until it confirms. */
  attempt(serviceId: string): readonly Delta[] {
    return this.#outbox.attempt(serviceId);
  }

  /** Notes that a service has all deltas up to a sequence number on disk. */
  confirm(serviceId: string, sequence: number): void {
    this.#outbox.confirm(serviceId, sequence);
  }

  /** Bytes that services have not confirmed. */
  get undeliveredBytes(): number {
    return this.#outbox.bytes;
  }

  /** What an operator wants to know. */
  status(): ShardEngineStatus {
    const oldest = this.#table.segments[0];
    return {
      spans: this.#spans,
      hotTraces: this.#table.hotTraces,
      hotSpans: this.#table.hotSpans,
      waitingHalves: this.#waiting.size,
      halvesExpiredEarly: this.#expiredEarly,
      journalBytes: this.#journalBytes,
      segments: this.#table.segments.length,
      oldestSegmentMs: oldest?.createdMs ?? null,
      undeliveredBytes: this.#outbox.bytes,
      oldestUndeliveredMs: this.#outbox.oldestMs,
    };
  }
}

function* tracesOf({ spans, links }: TraceMessage): Generator<string> {
  for (const { traceId } of spans) yield traceId;
  for (const { target } of links) yield target.traceId;
}
