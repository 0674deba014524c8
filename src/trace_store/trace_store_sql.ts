import { bytesOf, byteString } from "../codec/byte_string.ts";
import { joinBytes } from "../codec/join_bytes.ts";
import { blobParts } from "../storage/blob_parts.ts";
import { BloomFilter } from "../trace/bloom_filter.ts";
import type { KeptChunk } from "./trace_batch.ts";
import {
  type AskedHash,
  bytesOfHash,
  lineOf,
} from "../trace_index/page_attributes.ts";
import type { TracePage } from "../trace_index/trace_page.ts";

/** Messages of one write, as they came. */
export interface FreshRow {
  readonly id: number;
  /** ms since the epoch. */
  readonly arrivedMs: number;
  readonly body: Uint8Array;
}

/** A batch of kept traces, in memory: what tells what it does not hold. */
export interface BatchHead {
  readonly id: number;
  readonly createdMs: number;
  /** On disk. */
  readonly bytes: number;
  readonly traces: number;
  readonly filter: BloomFilter;
}

/** Where a page of the index stands. */
export interface PageKey {
  readonly batch: number;
  readonly page: number;
}

/** The tables of the kept traces; all calls are synchronous. */
export class TraceStoreSql {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  appendFresh({ id, arrivedMs, body }: FreshRow): void {
    this.#sql.exec(
      "INSERT INTO fresh_span (id, arrived_ms, body) VALUES (?, ?, ?)",
      id,
      arrivedMs,
      body,
    );
  }

  /** All fresh rows, oldest first, one in memory at a time. */
  *fresh(): Generator<FreshRow> {
    const rows = this.#sql.exec<
      { id: number; arrived_ms: number; body: ArrayBuffer }
    >("SELECT id, arrived_ms, body FROM fresh_span ORDER BY id");
    for (const { id, arrived_ms, body } of rows) {
      yield { id, arrivedMs: arrived_ms, body: new Uint8Array(body) };
    }
  }

  /** The body of one fresh row; null where there is none. */
  freshBody(id: number): Uint8Array | null {
    const [row] = this.#sql.exec<{ body: ArrayBuffer }>(
      "SELECT body FROM fresh_span WHERE id = ?",
      id,
    ).toArray();
    return row === undefined ? null : new Uint8Array(row.body);
  }

  deleteFresh(untilId: number): void {
    this.#sql.exec("DELETE FROM fresh_span WHERE id <= ?", untilId);
  }

  insertBatch(
    head: BatchHead,
    { chunks, pages }: {
      readonly chunks: readonly KeptChunk[];
      readonly pages: readonly TracePage[];
    },
  ): void {
    this.#sql.exec(
      `INSERT INTO kept_batch (id, created_ms, bytes, traces, filter)
       VALUES (?, ?, ?, ?, ?)`,
      head.id,
      head.createdMs,
      head.bytes,
      head.traces,
      head.filter.bits,
    );
    for (const chunk of chunks) {
      blobParts(chunk.body).forEach((body, part) => {
        this.#sql.exec(
          `INSERT INTO kept_chunk (batch, first_id, part, body)
           VALUES (?, ?, ?, ?)`,
          head.id,
          bytesOf(chunk.firstId),
          part,
          body,
        );
      });
    }
    pages.forEach((page, number) => {
      this.putPage({ batch: head.id, page: number }, page);
    });
  }

  /** Writes a page over the one that stands there. */
  putPage({ batch, page }: PageKey, content: TracePage): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO trace_page
         (batch, page, from_ms, until_ms, traces, services, keys, hashes, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      batch,
      page,
      content.fromMs,
      content.untilMs,
      content.traces,
      content.services,
      content.attributes.keys,
      content.attributes.hashes,
      content.body,
    );
  }

  deletePage({ batch, page }: PageKey): void {
    this.#sql.exec(
      "DELETE FROM trace_page WHERE batch = ? AND page = ?",
      batch,
      page,
    );
  }

  /** The heads of all batches, oldest first. */
  batches(): BatchHead[] {
    return this.#sql.exec<{
      id: number;
      created_ms: number;
      bytes: number;
      traces: number;
      filter: ArrayBuffer;
    }>(
      `SELECT id, created_ms, bytes, traces, filter FROM kept_batch
       ORDER BY id`,
    ).toArray().map((row) => ({
      id: row.id,
      createdMs: row.created_ms,
      bytes: row.bytes,
      traces: row.traces,
      filter: new BloomFilter(new Uint8Array(row.filter)),
    }));
  }

  /** First id of the chunk that holds a trace, if its batch does; else null. */
  chunkOf(batch: number, traceId: string): string | null {
    const [row] = this.#sql.exec<{ first_id: ArrayBuffer }>(
      `SELECT first_id FROM kept_chunk WHERE batch = ? AND first_id <= ?
       ORDER BY first_id DESC LIMIT 1`,
      batch,
      bytesOf(traceId),
    ).toArray();
    if (row === undefined) return null;
    const id = new Uint8Array(row.first_id);
    return byteString(id, 0, id.length);
  }

  /** A chunk, deflated. */
  chunk(batch: number, firstId: string): Uint8Array<ArrayBuffer> {
    const parts = this.#sql.exec<{ body: ArrayBuffer }>(
      `SELECT body FROM kept_chunk WHERE batch = ? AND first_id = ?
       ORDER BY part`,
      batch,
      bytesOf(firstId),
    ).toArray();
    return joinBytes(parts.map(({ body }) => new Uint8Array(body)));
  }

  /** All pages of a batch. */
  pagesOf(batch: number): readonly (PageKey & { body: Uint8Array })[] {
    return this.#sql.exec<{ page: number; body: ArrayBuffer }>(
      "SELECT page, body FROM trace_page WHERE batch = ? ORDER BY page",
      batch,
    ).toArray().map(({ page, body }) => ({
      batch,
      page,
      body: new Uint8Array(body),
    }));
  }

  /**
   * Pages that may hold traces of a span of time, by their newest trace, the
   * newest first; one in memory at a time.
   *
   * @param range Both inclusive, ms since the epoch. `services`: lines of
   *   which a page holds at least one; null: any page. `attributes`: values of
   *   which it has at least one of each list, or does not tell.
   */
  *pages(range: {
    readonly fromMs: number;
    readonly untilMs: number;
    readonly services: readonly string[] | null;
    readonly attributes: readonly (readonly AskedHash[])[];
  }): Generator<{ readonly untilMs: number; readonly body: Uint8Array }> {
    const services = range.services ?? [];
    const conditions = [
      services.map(() => "instr(services, ?) > 0"),
      ...range.attributes.map((values) =>
        values.map(() => "instr(keys, ?) = 0 OR instr(hashes, ?) > 0")
      ),
    ].filter((alternatives) => alternatives.length > 0)
      .map((alternatives) => `AND (${alternatives.join(" OR ")})`);
    const rows = this.#sql.exec<{ until_ms: number; body: ArrayBuffer }>(
      `SELECT until_ms, body FROM trace_page
       WHERE from_ms <= ? AND until_ms >= ? ${conditions.join(" ")}
       ORDER BY until_ms DESC`,
      range.untilMs,
      range.fromMs,
      ...services.map((service) => `\n${service}\n`),
      ...range.attributes.flat().flatMap((value) => [
        lineOf(value),
        bytesOfHash(value),
      ]),
    );
    for (const { until_ms, body } of rows) {
      yield { untilMs: until_ms, body: new Uint8Array(body) };
    }
  }

  deleteBatch(batch: number): void {
    for (const table of ["kept_chunk", "trace_page"]) {
      this.#sql.exec(`DELETE FROM ${table} WHERE batch = ?`, batch);
    }
    this.#sql.exec("DELETE FROM kept_batch WHERE id = ?", batch);
  }
}
