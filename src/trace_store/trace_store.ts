import {
  groupByRow,
  packMessages,
  unpackMessages,
} from "../trace/journal_row.ts";
import { type ReadMessage, readMessage } from "../trace/trace_message.ts";
import {
  type FreshSpan,
  freshSpans,
  FreshTraces,
  type ResourceIdsOf,
} from "./fresh_traces.ts";
import type { ServiceDelta } from "../trace/delta_book.ts";
import { traceHash } from "../trace/bloom_filter.ts";
import { ShownTraces } from "./shown_traces.ts";
import { KeptBatches, type KeptBatchesLimits } from "./kept_batches.ts";
import type { RetentionLimits } from "./retention_limits.ts";
import { type KeptTrace, packKeptTraces } from "./kept_trace.ts";
import {
  addSpan,
  copySummary,
  emptySummary,
  joinedSummary,
  type TraceSummary,
} from "./summary.ts";
import { bytesOfSpan, MAX_TRACE_BYTES, packBatch } from "./trace_batch.ts";
import {
  searchPages,
  type StoreSearch,
  type StoreSearchResult,
} from "./search_pages.ts";
import { TraceStoreSql } from "./trace_store_sql.ts";
import type { TraceStoreStatus } from "./trace_store_status.ts";

/** Fresh rows of this many bytes are put in a batch. */
export const MAX_FRESH_BYTES = 8 * 1024 * 1024;
/** Fresh rows that are this old are put in a batch, ms. */
export const MAX_FRESH_AGE_MS = 5 * 60_000;
/** Bytes of traces that move from older batches to one; then another begins. */
export const MAX_MOVED_BYTES = 16 * 1024 * 1024;
/** Batches that are made at a time; late spans of what is left are lost. */
export const MAX_BATCHES_AT_ONCE = 16;

/** What a store can be told to do otherwise. */
export interface TraceStoreOptions {
  readonly resourceIds: ResourceIdsOf;
  /** @default {MAX_FRESH_BYTES} */
  readonly maxFreshBytes?: number;
  /** @default {MAX_MOVED_BYTES} */
  readonly maxMovedBytes?: number;
  readonly batches?: KeptBatchesLimits;
}

/** Traces that got late spans. */
interface MovedTraces {
  readonly ids: Set<string>;
  /** By the batch that they came from. */
  readonly from: Map<number, Set<string>>;
}

/**
 * Keeps every span of recent traces: as they come in fresh rows, from there in
 * batches that hold each trace as a whole. A trace that gets late spans moves
 * to the newest batch, so that a batch that is too old goes with all of its
 * traces, and with their places in the index.
 */
export class TraceStore {
  readonly #storage: DurableObjectStorage;
  readonly #sql: TraceStoreSql;
  readonly #batches: KeptBatches;
  readonly #resourceIds: ResourceIdsOf;
  readonly #maxFreshBytes: number;
  readonly #maxMovedBytes: number;
  #fresh: FreshTraces;
  /** Those that are being put in a batch. */
  #leaving: FreshTraces | null = null;
  #lastRow = 0;
  /** Samples of the map that are fresh; null: it is not known which are. */
  #shown: ShownTraces | null;
  #lateSpans = 0;
  #longSpans = 0;
  #sampledOut = 0;

  /** Reads the storage; its tables have to exist. */
  constructor(storage: DurableObjectStorage, options: TraceStoreOptions) {
    this.#storage = storage;
    this.#sql = new TraceStoreSql(storage.sql);
    this.#resourceIds = options.resourceIds;
    this.#maxFreshBytes = options.maxFreshBytes ?? MAX_FRESH_BYTES;
    this.#maxMovedBytes = options.maxMovedBytes ?? MAX_MOVED_BYTES;
    this.#batches = new KeptBatches(this.#sql, options.batches);
    this.#fresh = this.#readFresh();
    // After a restart any of the fresh ones may be a sample.
    this.#shown = this.#fresh.size > 0 ? null : new ShownTraces();
  }

  #readFresh(): FreshTraces {
    const fresh = new FreshTraces(this.#resourceIds);
    for (const { id, arrivedMs, body } of this.#sql.fresh()) {
      this.#lastRow = Math.max(this.#lastRow, id);
      fresh.addRow({ arrivedMs, bytes: body.length });
      for (const bytes of unpackMessages(body)) {
        fresh.addMessage(id, readMessage(bytes));
      }
    }
    return fresh;
  }

  /** Writes the spans that messages bring; synchronously, with the caller's. */
  accept(arrivals: readonly ReadMessage[], arrivedMs: number): void {
    const bringing = arrivals.filter(({ block }) => block !== null);
    for (const messages of groupByRow(bringing)) {
      const body = packMessages(messages);
      const id = ++this.#lastRow;
      this.#sql.appendFresh({ id, arrivedMs, body });
      this.#fresh.addRow({ arrivedMs, bytes: body.length });
      for (const message of messages) this.#fresh.addMessage(id, message);
    }
  }

  /** Notes what the services were told: its samples are to be kept. */
  shown(deltas: readonly ServiceDelta[]): void {
    this.#shown?.add(deltas);
  }

  /** When fresh rows are to be put in a batch, ms; null where there are none. */
  nextBatchMs(nowMs: number): number | null {
    const { sinceMs, bytes } = this.#fresh;
    if (sinceMs === null || this.#leaving !== null) return null;
    const isFull = bytes >= this.#maxFreshBytes;
    return isFull ? nowMs : sinceMs + MAX_FRESH_AGE_MS;
  }

  /** When the oldest batch is too old, ms; null where there is none. */
  nextRetentionMs({ ageMs }: RetentionLimits): number | null {
    const [oldest] = this.#batches.heads;
    return oldest === undefined ? null : oldest.createdMs + ageMs + 1;
  }

  /**
   * Puts the fresh rows of now in a batch, or in several where many traces
   * move; others may come meanwhile. In one transaction a batch is there, and
   * the places in the index from which traces moved are gone; with the last one
   * the rows are. Where it ends before, the next one brings nothing twice.
   *
   * @param share Of the traces that neither failed nor are samples of the map,
   *   the share that is kept; 1: all.
   * @throws What the storage throws: then what is in memory may differ from
   *   the disk, and is to be read anew.
   */
  async batch(
    nowMs: number,
    { share = 1 }: { readonly share?: number } = {},
  ): Promise<void> {
    if (this.#leaving !== null || this.#fresh.sinceMs === null) return;
    const leaving = this.#fresh;
    const untilRow = this.#lastRow;
    const shown = this.#shown?.take() ?? null;
    this.#shown = new ShownTraces();
    this.#leaving = leaving;
    this.#fresh = new FreshTraces(this.#resourceIds);
    for (let batches = 1;; batches++) {
      const { traces, moved, left } = await this.#wholeTraces(
        leaving,
        untilRow,
      );
      const kept = traces.filter(({ id, summary }) =>
        share >= 1 || summary.errorCount > 0 || (shown?.has(id) ?? true) ||
        moved.ids.has(id) || isInShare(id, share)
      );
      const packed = await packBatch(kept);
      const isLast = left.size === 0 || batches === MAX_BATCHES_AT_ONCE;
      this.#storage.transactionSync(() => {
        if (packed.traces > 0) {
          this.#batches.insert(packed, { createdMs: nowMs, moved: moved.from });
        }
        if (isLast) this.#sql.deleteFresh(untilRow);
      });
      this.#sampledOut += traces.length - kept.length;
      leaving.forget([...leaving.ids()].filter((id) => !left.has(id)));
      if (isLast) break;
    }
    this.#lateSpans += leaving.spans;
    this.#leaving = null;
  }

  /**
   * Traces with their fresh spans and those that older batches hold; `left` are
   * those for which too much would have to be read at once.
   */
  async #wholeTraces(leaving: FreshTraces, untilRow: number): Promise<{
    readonly traces: readonly KeptTrace[];
    readonly moved: MovedTraces;
    readonly left: ReadonlySet<string>;
  }> {
    const { found, left } = await this.#batches.find(
      leaving.ids(),
      this.#maxMovedBytes,
    );
    const traces: KeptTrace[] = [];
    const moved: MovedTraces = { ids: new Set(), from: new Map() };
    const ids = new Set([...leaving.ids()].filter((id) => !left.has(id)));
    for (const [id, spans] of this.#freshUntil(untilRow, ids)) {
      const from = found.get(id);
      const whole = this.#joined(id, from?.trace ?? null, spans);
      // A retry brings nothing new: the trace stays where it is.
      if (whole.spans.length === from?.trace.spans.length) continue;
      traces.push(whole);
      if (from === undefined) continue;
      const ofBatch = moved.from.get(from.batch) ?? new Set();
      moved.from.set(from.batch, ofBatch.add(id));
      moved.ids.add(id);
    }
    return { traces, moved, left };
  }

  #freshUntil(
    untilRow: number,
    ids: ReadonlySet<string>,
  ): ReadonlyMap<string, readonly FreshSpan[]> {
    const rows: number[] = [];
    for (const { id } of this.#sql.fresh()) {
      if (id > untilRow) break;
      rows.push(id);
    }
    return this.#freshIn(rows, ids);
  }

  /** The spans of some traces in some rows, by trace. */
  #freshIn(
    rows: Iterable<number>,
    ids: ReadonlySet<string>,
  ): ReadonlyMap<string, readonly FreshSpan[]> {
    const spans = new Map<string, FreshSpan[]>();
    for (const row of rows) {
      const body = this.#sql.freshBody(row);
      for (const bytes of body === null ? [] : unpackMessages(body)) {
        for (const span of freshSpans(readMessage(bytes))) {
          const { traceId } = span.facts;
          if (!ids.has(traceId)) continue;
          const ofTrace = spans.get(traceId);
          if (ofTrace === undefined) spans.set(traceId, [span]);
          else ofTrace.push(span);
        }
      }
    }
    return spans;
  }

  /** A trace with the spans that it has, then those that are new to it. */
  #joined(
    id: string,
    older: KeptTrace | null,
    fresh: readonly FreshSpan[],
  ): KeptTrace {
    const summary = older === null
      ? emptySummary(id)
      : copySummary(older.summary);
    const spans = [...older?.spans ?? []];
    const keys = new Set(spans.map(({ key }) => key));
    let bytes = spans.reduce((sum, span) => sum + bytesOfSpan(span), 0);
    for (const { facts, kept } of fresh) {
      if (keys.has(kept.key)) continue;
      bytes += bytesOfSpan(kept);
      if (bytes > MAX_TRACE_BYTES) {
        this.#longSpans++;
        continue;
      }
      keys.add(kept.key);
      spans.push(kept);
      addSpan(summary, facts, this.#resourceIds(kept));
    }
    return { id, summary, spans };
  }

  /** Forgets batches that are too old or too much, the oldest first. */
  retain(limits: RetentionLimits, nowMs: number): void {
    this.#storage.transactionSync(() => this.#batches.retain(limits, nowMs));
  }

  /**
   * Traces with all of their spans; those that are not kept are left out.
   *
   * @param ids Byte strings.
   * @returns What `unpackKeptTraces` reads.
   */
  async find(ids: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
    const rows = new Set<number>();
    for (const table of [this.#leaving, this.#fresh]) {
      for (const id of ids) {
        for (const row of table?.get(id)?.rows ?? []) rows.add(row);
      }
    }
    // Before anything is awaited, since a batch may take them meanwhile.
    const fresh = this.#freshIn(rows, new Set(ids));
    const { found } = await this.#batches.find(ids, Infinity);
    const traces: KeptTrace[] = [];
    for (const id of new Set(ids)) {
      const older = found.get(id)?.trace ?? null;
      const spans = fresh.get(id) ?? [];
      if (older === null && spans.length === 0) continue;
      traces.push(this.#joined(id, older, spans));
    }
    return packKeptTraces(traces);
  }

  /** Traces that are asked for, the newest first; see `searchPages`. */
  async search(search: StoreSearch): Promise<StoreSearchResult> {
    const fresh = new Map<string, TraceSummary>();
    for (const table of [this.#leaving, this.#fresh]) {
      for (const [id, trace] of table?.entries() ?? []) {
        fresh.set(id, joinedSummary(fresh.get(id), trace.summary));
      }
    }
    const older = await this.#batches.find(fresh.keys(), this.#maxMovedBytes);
    for (const [id, { trace }] of older.found) {
      fresh.set(id, joinedSummary(fresh.get(id), trace.summary));
    }
    // They are found by what is kept of them: their fresh spans come too late.
    for (const id of older.left) fresh.delete(id);
    return searchPages(search, {
      fresh,
      pages: (range) => this.#sql.pages(range),
    });
  }

  /** What an operator wants to know. */
  status(): TraceStoreStatus {
    const { heads } = this.#batches;
    return {
      freshSpans: this.#fresh.spans + (this.#leaving?.spans ?? 0),
      freshBytes: this.#fresh.bytes + (this.#leaving?.bytes ?? 0),
      keptTraces: heads.reduce((sum, { traces }) => sum + traces, 0),
      keptBytes: heads.reduce((sum, { bytes }) => sum + bytes, 0),
      batches: heads.length,
      oldestBatchMs: heads[0]?.createdMs ?? null,
      lateSpans: this.#lateSpans,
      longSpans: this.#longSpans,
      sampledOut: this.#sampledOut,
    };
  }
}

/** Whether a trace is in a share of all; a larger share has those, too. */
function isInShare(traceId: string, share: number): boolean {
  // Not every sender's ids are random throughout: both halves count.
  const { first, second } = traceHash(traceId);
  return ((first ^ second) >>> 0) / 2 ** 32 < share;
}
