import { bytesOf, byteString } from "../codec/byte_string.ts";
import { joinBytes } from "../codec/join_bytes.ts";
import { blobParts } from "../storage/blob_parts.ts";
import { BloomFilter } from "./bloom_filter.ts";
import { type Chunk, type TraceEntry, unpackTraces } from "./segment.ts";

/** One write of acknowledged messages. */
export interface JournalEntry {
  readonly id: number;
  /** When its messages came, ms since the epoch. */
  readonly arrivedMs: number;
  readonly body: Uint8Array;
}

/** What the services were to be told at one tick. */
export interface DeltaRow {
  readonly sequence: number;
  /** When the tick was, ms since the epoch. */
  readonly tickedMs: number;
  /** The last entry of the journal that is told of. */
  readonly journalId: number;
  readonly body: Uint8Array;
}

/** A segment's place in memory: enough to tell what it does not hold. */
export interface SegmentHead {
  readonly id: number;
  readonly createdMs: number;
  readonly bytes: number;
  readonly filter: BloomFilter;
}

/** The tables of a trace shard; all calls are synchronous. */
export class ShardStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Appends to the journal. */
  appendJournal(entry: JournalEntry): void {
    this.#sql.exec(
      "INSERT INTO journal (id, arrived_ms, body) VALUES (?, ?, ?)",
      entry.id,
      entry.arrivedMs,
      entry.body,
    );
  }

  /**
   * The journal up to an entry, or after it; oldest first, one row in memory
   * at a time.
   */
  *journal(part: "until" | "after", id: number): Generator<JournalEntry> {
    const rows = this.#sql.exec<
      { id: number; arrived_ms: number; body: ArrayBuffer }
    >(
      `SELECT id, arrived_ms, body FROM journal
       WHERE id ${part === "until" ? "<=" : ">"} ? ORDER BY id`,
      id,
    );
    for (const row of rows) {
      yield {
        id: row.id,
        arrivedMs: row.arrived_ms,
        body: new Uint8Array(row.body),
      };
    }
  }

  /** Forgets the journal, whose traces are all in segments now. */
  clearJournal(): void {
    this.#sql.exec("DELETE FROM journal");
  }

  /** Appends what the services have to be told. */
  appendDelta(row: DeltaRow): void {
    blobParts(row.body).forEach((body, part) => {
      this.#sql.exec(
        `INSERT INTO delta (sequence, part, ticked_ms, journal_id, body)
         VALUES (?, ?, ?, ?, ?)`,
        row.sequence,
        part,
        row.tickedMs,
        row.journalId,
        body,
      );
    });
  }

  /** All deltas that are kept, oldest first; one tick in memory at a time. */
  *deltas(): Generator<DeltaRow> {
    const ticks = this.#sql.exec<
      { sequence: number; ticked_ms: number; journal_id: number }
    >(
      `SELECT sequence, ticked_ms, journal_id FROM delta WHERE part = 0
       ORDER BY sequence`,
    ).toArray();
    for (const { sequence, ticked_ms, journal_id } of ticks) {
      const parts = this.#sql.exec<{ body: ArrayBuffer }>(
        "SELECT body FROM delta WHERE sequence = ? ORDER BY part",
        sequence,
      ).toArray();
      yield {
        sequence,
        tickedMs: ticked_ms,
        journalId: journal_id,
        body: joinBytes(parts.map(({ body }) => new Uint8Array(body))),
      };
    }
  }

  /** Forgets the deltas of one tick. */
  deleteDelta(sequence: number): void {
    this.#sql.exec("DELETE FROM delta WHERE sequence = ?", sequence);
  }

  /** Writes a segment. */
  insertSegment(head: SegmentHead, chunks: readonly Chunk[]): void {
    this.#sql.exec(
      "INSERT INTO segment (id, created_ms, bytes, filter) VALUES (?, ?, ?, ?)",
      head.id,
      head.createdMs,
      head.bytes,
      head.filter.bits,
    );
    for (const chunk of chunks) {
      blobParts(chunk.body).forEach((body, part) => {
        this.#sql.exec(
          `INSERT INTO chunk (segment_id, first_id, part, body)
           VALUES (?, ?, ?, ?)`,
          head.id,
          bytesOf(chunk.firstId),
          part,
          body,
        );
      });
    }
  }

  /** The heads of all segments, oldest first. */
  segments(): SegmentHead[] {
    return this.#sql.exec<
      { id: number; created_ms: number; bytes: number; filter: ArrayBuffer }
    >("SELECT id, created_ms, bytes, filter FROM segment ORDER BY id")
      .toArray().map((row) => ({
        id: row.id,
        createdMs: row.created_ms,
        bytes: row.bytes,
        filter: new BloomFilter(new Uint8Array(row.filter)),
      }));
  }

  /** All traces of a segment; one chunk in memory at a time. */
  *tracesOf(segmentId: number): Generator<TraceEntry> {
    const chunks = this.#sql.exec<{ first_id: ArrayBuffer }>(
      `SELECT first_id FROM chunk WHERE segment_id = ? AND part = 0
       ORDER BY first_id`,
      segmentId,
    ).toArray();
    for (const { first_id } of chunks) {
      yield* unpackTraces(this.#chunk(segmentId, first_id));
    }
  }

  /**
   * Those of the traces that a segment holds; each of its chunks is read once
   * at the most.
   *
   * @param traceIds Sorted.
   */
  *tracesAmong(
    segmentId: number,
    traceIds: readonly string[],
  ): Generator<TraceEntry> {
    let at = 0;
    while (at < traceIds.length) {
      const id = bytesOf(traceIds[at] ?? "");
      const [chunk] = this.#sql.exec<{ first_id: ArrayBuffer }>(
        `SELECT first_id FROM chunk WHERE segment_id = ? AND first_id <= ?
         ORDER BY first_id DESC LIMIT 1`,
        segmentId,
        id,
      ).toArray();
      const [next] = this.#sql.exec<{ first_id: ArrayBuffer }>(
        `SELECT first_id FROM chunk WHERE segment_id = ? AND first_id > ?
         ORDER BY first_id LIMIT 1`,
        segmentId,
        id,
      ).toArray();
      const from = at;
      const endId = next === undefined ? null : idOf(next.first_id);
      do at++; while (
        at < traceIds.length && (traceIds[at] ?? "") < (endId ?? "\u0100")
      );
      if (chunk === undefined) continue;
      const body = this.#chunk(segmentId, chunk.first_id);
      yield* unpackTraces(body, new Set(traceIds.slice(from, at)));
    }
  }

  #chunk(segmentId: number, firstId: ArrayBuffer): Uint8Array {
    const parts = this.#sql.exec<{ body: ArrayBuffer }>(
      `SELECT body FROM chunk WHERE segment_id = ? AND first_id = ?
       ORDER BY part`,
      segmentId,
      firstId,
    ).toArray();
    return joinBytes(parts.map(({ body }) => new Uint8Array(body)));
  }

  /** Forgets a segment. */
  deleteSegment(segmentId: number): void {
    this.#sql.exec("DELETE FROM chunk WHERE segment_id = ?", segmentId);
    this.#sql.exec("DELETE FROM segment WHERE id = ?", segmentId);
  }
}

function idOf(blob: ArrayBuffer): string {
  return byteString(new Uint8Array(blob), 0, blob.byteLength);
}

/** Orders trace ids as SQLite orders blobs. */
export function byTraceId(a: TraceEntry, b: TraceEntry): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
