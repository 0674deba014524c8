import {
  groupByRow,
  packMessages,
  unpackMessages,
} from "../trace/journal_row.ts";
import { type ReadMessage, readMessage } from "../trace/trace_message.ts";
import type { ServiceDelta } from "../trace/delta_book.ts";
import { NO_ATTRIBUTE_INDEX } from "../trace_index/attribute_index.ts";
import { freshSpansIn } from "./fresh_rows.ts";
import { FreshTraces, type SummarizedParts } from "./fresh_traces.ts";
import { joinedTrace } from "./joined_trace.ts";
import { KeptBatches, type KeptBatchesLimits } from "./kept_batches.ts";
import { type KeptTrace, packKeptTraces } from "./kept_trace.ts";
import { OlderParts } from "./older_parts.ts";
import type { RetentionLimits } from "./retention_limits.ts";
import {
  searchPages,
  type StoreSearch,
  type StoreSearchResult,
} from "../trace_index/search_pages.ts";
import { ShownTraces } from "./shown_traces.ts";
import { joinedSummary, type TraceSummary } from "../trace_index/summary.ts";
import { tailSample } from "./tail_sample.ts";
import { packBatch } from "./trace_batch.ts";
import { TraceStoreSql } from "./trace_store_sql.ts";
import type { TraceStoreStatus } from "./trace_store_status.ts";
import { wholeTraces } from "./whole_traces.ts";

/** Fresh rows of this many bytes are put in a batch. */
export const MAX_FRESH_BYTES = 8 * 1024 * 1024;
/**
 * Fresh rows take this many bytes at the most, those that are being put in a
 * batch among them; spans that come when they do are not kept.
 */
export const MAX_WAITING_FRESH_BYTES = 64 * 1024 * 1024;
/** Fresh rows that are this old are put in a batch, ms. */
export const MAX_FRESH_AGE_MS = 5 * 60_000;
/** Bytes of traces that move from older batches to one; then another begins. */
export const MAX_MOVED_BYTES = 16 * 1024 * 1024;
/** Batches that are made at a time; late spans of what is left are lost. */
export const MAX_BATCHES_AT_ONCE = 16;

/** What a store can be told to do otherwise. */
export interface TraceStoreOptions extends SummarizedParts {
  /** @default {MAX_FRESH_BYTES} */
  readonly maxFreshBytes?: number;
  /** @default {MAX_WAITING_FRESH_BYTES} */
  readonly maxWaitingBytes?: number;
  /** @default {MAX_MOVED_BYTES} */
  readonly maxMovedBytes?: number;
  readonly batches?: KeptBatchesLimits;
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
  readonly #older: OlderParts;
  readonly #parts: SummarizedParts;
  readonly #maxFreshBytes: number;
  readonly #maxWaitingBytes: number;
  readonly #maxMovedBytes: number;
  #fresh: FreshTraces;
  /** Those that are being put in a batch. */
  #leaving: FreshTraces | null = null;
  #lastRow = 0;
  /** Samples of the map that are fresh; null: it is not known which are. */
  #shown: ShownTraces | null;
  #lateSpans = 0;
  #longSpans = 0;
  #crowdedSpans = 0;
  #sampledOut = 0;

  /** Reads the storage; its tables have to exist. */
  constructor(storage: DurableObjectStorage, options: TraceStoreOptions) {
    this.#storage = storage;
    this.#sql = new TraceStoreSql(storage.sql);
    this.#parts = options;
    this.#maxFreshBytes = options.maxFreshBytes ?? MAX_FRESH_BYTES;
    this.#maxWaitingBytes = options.maxWaitingBytes ?? MAX_WAITING_FRESH_BYTES;
    this.#maxMovedBytes = options.maxMovedBytes ?? MAX_MOVED_BYTES;
    this.#batches = new KeptBatches(this.#sql, options.batches);
    this.#older = new OlderParts(
      this.#batches,
      options.attributes ?? NO_ATTRIBUTE_INDEX,
    );
    this.#fresh = this.#readFresh();
    // After a restart any of the fresh ones may be a sample.
    this.#shown = this.#fresh.size > 0 ? null : new ShownTraces();
  }

  #readFresh(): FreshTraces {
    const fresh = new FreshTraces(this.#parts);
    for (const { id, arrivedMs, body } of this.#sql.fresh()) {
      this.#lastRow = Math.max(this.#lastRow, id);
      fresh.addRow({ arrivedMs, bytes: body.length });
      for (const bytes of unpackMessages(body)) {
        fresh.addMessage(id, readMessage(bytes));
      }
    }
    return fresh;
  }

  /**
   * Writes the spans that messages bring; synchronously, with the caller's.
   * Those of a row for which there is no room are not kept.
   */
  accept(arrivals: readonly ReadMessage[], arrivedMs: number): void {
    const bringing = arrivals.filter(({ block }) => block !== null);
    for (const messages of groupByRow(bringing)) {
      const body = packMessages(messages);
      if (this.#waitingBytes() + body.length > this.#maxWaitingBytes) {
        for (const { block } of messages) {
          this.#crowdedSpans += block?.spans.length ?? 0;
        }
        continue;
      }
      const id = ++this.#lastRow;
      this.#sql.appendFresh({ id, arrivedMs, body });
      this.#fresh.addRow({ arrivedMs, bytes: body.length });
      for (const message of messages) this.#fresh.addMessage(id, message);
    }
  }

  #waitingBytes(): number {
    return this.#fresh.bytes + (this.#leaving?.bytes ?? 0);
  }

  /** Notes what the services were told: its samples are to be kept. */
  shown(deltas: readonly ServiceDelta[]): void {
    this.#shown?.add(deltas);
  }

  /**
   * When fresh rows are to be put in a batch, ms; null where there are none.
   *
   * @param limits Half of what is kept at the most makes a batch, too, so that
   *   there is an older one to forget.
   */
  nextBatchMs(
    nowMs: number,
    { bytes: keptBytes = Infinity }: Partial<RetentionLimits> = {},
  ): number | null {
    const { sinceMs, bytes } = this.#fresh;
    if (sinceMs === null || this.#leaving !== null) return null;
    const isFull = bytes >= Math.min(this.#maxFreshBytes, keptBytes / 2);
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
    this.#fresh = new FreshTraces(this.#parts);
    for (let batches = 1;; batches++) {
      const { found, left } = await this.#batches.find(
        leaving.ids(),
        this.#maxMovedBytes,
      );
      const ids = new Set([...leaving.ids()].filter((id) => !left.has(id)));
      const { traces, moved, longSpans } = wholeTraces(
        freshSpansIn(this.#bodiesUntil(untilRow), ids),
        { found, leaving, parts: this.#parts },
      );
      const kept = tailSample(traces, { share, shown, moved: moved.ids });
      const packed = await packBatch(kept);
      const isLast = left.size === 0 || batches === MAX_BATCHES_AT_ONCE;
      this.#storage.transactionSync(() => {
        if (packed.traces > 0) {
          this.#batches.insert(packed, { createdMs: nowMs, moved: moved.from });
        }
        if (isLast) this.#sql.deleteFresh(untilRow);
      });
      this.#older.forget();
      this.#sampledOut += traces.length - kept.length;
      this.#longSpans += longSpans;
      leaving.forget(ids);
      if (isLast) break;
    }
    this.#lateSpans += leaving.spans;
    this.#leaving = null;
  }

  *#bodiesUntil(untilRow: number): Generator<Uint8Array> {
    for (const { id, body } of this.#sql.fresh()) {
      if (id > untilRow) break;
      yield body;
    }
  }

  /** Forgets batches that are too old or too much, the oldest first. */
  retain(limits: RetentionLimits, nowMs: number): void {
    const isLess = this.#storage.transactionSync(() =>
      this.#batches.retain(limits, nowMs)
    );
    if (isLess) this.#older.forget();
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
    const bodies = [...rows].map((row) => this.#sql.freshBody(row))
      .filter((body) => body !== null);
    const fresh = freshSpansIn(bodies, new Set(ids));
    const { found } = await this.#batches.find(ids, Infinity);
    const traces: KeptTrace[] = [];
    for (const id of new Set(ids)) {
      const older = found.get(id)?.trace ?? null;
      const spans = fresh.get(id) ?? [];
      if (older === null && spans.length === 0) continue;
      const { resourceIds } = this.#parts;
      const parts = { older, fresh: spans, resourceIds };
      traces.push(joinedTrace(id, parts).trace);
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
    const older = await this.#older.find(
      [...fresh.keys()],
      this.#maxMovedBytes,
    );
    for (const [id, summary] of older.found) {
      fresh.set(id, joinedSummary(fresh.get(id), summary));
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
      freshBytes: this.#waitingBytes(),
      keptTraces: heads.reduce((sum, { traces }) => sum + traces, 0),
      keptBytes: heads.reduce((sum, { bytes }) => sum + bytes, 0),
      batches: heads.length,
      oldestBatchMs: heads[0]?.createdMs ?? null,
      lateSpans: this.#lateSpans,
      longSpans: this.#longSpans,
      crowdedSpans: this.#crowdedSpans,
      sampledOut: this.#sampledOut,
    };
  }
}
