import type { BloomFilter } from "../trace/bloom_filter.ts";
import { traceHash } from "../trace/bloom_filter.ts";
import { inflate } from "../codec/deflate.ts";
import {
  type KeptTrace,
  packKeptTraces,
  unpackKeptTraces,
} from "./kept_trace.ts";
import type { TraceBatch } from "./trace_batch.ts";
import type { RetentionLimits } from "./retention_limits.ts";
import { packPages, unpackPage } from "../trace_index/trace_page.ts";
import type { BatchHead, TraceStoreSql } from "./trace_store_sql.ts";

/** Batches kept; the oldest go first. */
export const MAX_BATCHES = 10_000;
/** Bytes of filters kept in memory. */
export const MAX_BATCH_FILTER_BYTES = 16 * 1024 * 1024;

/** What was found in batches. */
export interface FoundTraces {
  /** Each from the newest batch that holds it. */
  readonly found: ReadonlyMap<string, { trace: KeptTrace; batch: number }>;
  /** Those that were not looked for everywhere: too much was read already. */
  readonly left: ReadonlySet<string>;
}

/** What is kept of the batches at most. */
export interface KeptBatchesLimits {
  /** @default {MAX_BATCHES} */
  readonly batches?: number;
  /** Bytes. @default {MAX_BATCH_FILTER_BYTES} */
  readonly filterBytes?: number;
}

/**
 * The batches of kept traces: on disk, with what tells in memory which of them
 * may hold a trace. The newest batch that holds a trace has all of it.
 */
export class KeptBatches {
  readonly #sql: TraceStoreSql;
  readonly #limits: Required<KeptBatchesLimits>;
  readonly #heads: BatchHead[];

  constructor(sql: TraceStoreSql, limits: KeptBatchesLimits = {}) {
    this.#sql = sql;
    this.#limits = {
      batches: limits.batches ?? MAX_BATCHES,
      filterBytes: limits.filterBytes ?? MAX_BATCH_FILTER_BYTES,
    };
    this.#heads = sql.batches();
  }

  /** Oldest first. */
  get heads(): readonly BatchHead[] {
    return this.#heads;
  }

  /**
   * Looks for traces.
   *
   * @param maxBytes Bytes of found traces after which no more is read.
   */
  async find(ids: Iterable<string>, maxBytes: number): Promise<FoundTraces> {
    const found = new Map<string, { trace: KeptTrace; batch: number }>();
    const left = new Set<string>();
    const asked = [...ids];
    const missing = new Map(asked.map((id) => [id, traceHash(id)]));
    let bytes = 0;
    for (const { id: batch, filter } of this.#heads.toReversed()) {
      if (missing.size === 0) break;
      // While another was inflated; what it held may have moved before.
      if (this.#isForgotten(batch)) return this.find(asked, maxBytes);
      for (const [chunk, wanted] of this.#chunks(batch, filter, missing)) {
        if (bytes >= maxBytes) {
          for (const id of wanted) left.add(id);
          continue;
        }
        if (this.#isForgotten(batch)) return this.find(asked, maxBytes);
        const inflated = await inflate(this.#sql.chunk(batch, chunk));
        for (const { id, ...trace } of unpackKeptTraces(inflated, wanted)) {
          // Of its own, so that the whole chunk need not stay in memory.
          const own = packKeptTraces([{ id, ...trace }]);
          bytes += own.length;
          for (const copy of unpackKeptTraces(own)) {
            found.set(id, { trace: copy, batch });
          }
          missing.delete(id);
        }
      }
    }
    return { found, left };
  }

  /** Whether one that was there is not any more: the oldest go first. */
  #isForgotten(batch: number): boolean {
    return batch < (this.#heads[0]?.id ?? Infinity);
  }

  /** Which traces a batch may hold, by the chunk that they would be in. */
  #chunks(
    batch: number,
    filter: BloomFilter,
    missing: ReadonlyMap<string, ReturnType<typeof traceHash>>,
  ): ReadonlyMap<string, ReadonlySet<string>> {
    const byChunk = new Map<string, Set<string>>();
    for (const [id, hash] of missing) {
      if (!filter.mayHold(hash)) continue;
      const chunk = this.#sql.chunkOf(batch, id);
      if (chunk === null) continue;
      const wanted = byChunk.get(chunk) ?? new Set();
      byChunk.set(chunk, wanted.add(id));
    }
    return byChunk;
  }

  /**
   * Adds a batch, and takes the traces that moved to it out of the index of
   * those that they came from; within the caller's transaction.
   *
   * @param moved Ids of traces, by the batch they came from.
   */
  insert(batch: TraceBatch, { createdMs, moved }: {
    readonly createdMs: number;
    readonly moved: ReadonlyMap<number, ReadonlySet<string>>;
  }): void {
    const id = (this.#heads.at(-1)?.id ?? 0) + 1;
    const { bytes, traces, filter } = batch;
    const head: BatchHead = { id, createdMs, bytes, traces, filter };
    this.#sql.insertBatch(head, batch);
    for (const [from, ids] of moved) this.#forgetMoved(from, ids);
    this.#heads.push(head);
  }

  #forgetMoved(batch: number, ids: ReadonlySet<string>): void {
    for (const { page, body } of this.#sql.pagesOf(batch)) {
      const summaries = unpackPage(body);
      const staying = summaries.filter(({ traceId }) => !ids.has(traceId));
      if (staying.length === summaries.length) continue;
      const [left] = packPages(staying);
      if (left === undefined) this.#sql.deletePage({ batch, page });
      else this.#sql.putPage({ batch, page }, left);
    }
  }

  /**
   * Forgets batches that are too old or too much, the oldest first. The newest
   * is not too much, however large: else nothing at all would be kept.
   *
   * @returns Whether any went.
   */
  retain({ ageMs, bytes }: RetentionLimits, nowMs: number): boolean {
    let kept = 0;
    let keptBytes = 0;
    let filterBytes = 0;
    const forgotten = this.#heads.toReversed().filter((head) => {
      kept++;
      keptBytes += head.bytes;
      filterBytes += head.filter.bits.length;
      return head.createdMs < nowMs - ageMs ||
        (keptBytes > bytes && kept > 1) ||
        kept > this.#limits.batches || filterBytes > this.#limits.filterBytes;
    });
    for (const { id } of forgotten) this.#sql.deleteBatch(id);
    this.#heads.splice(0, forgotten.length);
    return forgotten.length > 0;
  }
}
