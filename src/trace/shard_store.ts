import { bytesOf } from "../codec/byte_string.ts";
import { BloomFilter } from "./bloom_filter.ts";
import { type Chunk, type TraceEntry, unpackTraces } from "./segment.ts";

/** One write of acknowledged messages. */
export interface JournalEntry {
  readonly id: number;
  /** When its messages came, ms since the epoch. */
  readonly arrivedMs: number;
  readonly body: Uint8Array;
}

/** What the services were to be told at one tick, or a part of it. */
export interface DeltaRow {
  readonly sequence: number;
  readonly part: number;
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

  /** The journal, oldest first; one row in memory at a time. */
  *journal(): Generator<JournalEntry> {
    const rows = this.#sql.exec<
      { id: number; arrived_ms: number; body: ArrayBuffer }
    >("SELECT id, arrived_ms, body FROM journal ORDER BY id");
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
    this.#sql.exec(
      `INSERT INTO delta (sequence, part, ticked_ms, journal_id, body)
       VALUES (?, ?, ?, ?, ?)`,
      row.sequence,
      row.part,
      row.tickedMs,
      row.journalId,
      row.body,
    );
  }

  /** All deltas that are kept, oldest first. */
  deltas(): readonly DeltaRow[] {
    return this.#sql.exec<
      {
        sequence: number;
        part: number;
        ticked_ms: number;
        journal_id: number;
        body: ArrayBuffer;
      }
    >("SELECT * FROM delta ORDER BY sequence, part").toArray().map((row) => ({
      sequence: row.sequence,
      part: row.part,
      tickedMs: row.ticked_ms,
      journalId: row.journal_id,
      body: new Uint8Array(row.body),
    }));
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
      this.#sql.exec(
        "INSERT INTO chunk (segment_id, first_id, body) VALUES (?, ?, ?)",
        head.id,
        bytesOf(chunk.firstId),
        chunk.body,
      );
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

  /** All traces of a segment. */
  *tracesOf(segmentId: number): Generator<TraceEntry> {
    const rows = this.#sql.exec<{ body: ArrayBuffer }>(
      "SELECT body FROM chunk WHERE segment_id = ?",
      segmentId,
    );
    for (const row of rows) yield* unpackTraces(new Uint8Array(row.body));
  }

  /** One trace of a segment; null where the segment does not hold it. */
  traceOf(segmentId: number, traceId: string): TraceEntry | null {
    const [row] = this.#sql.exec<{ body: ArrayBuffer }>(
      `SELECT body FROM chunk WHERE segment_id = ? AND first_id <= ?
       ORDER BY first_id DESC LIMIT 1`,
      segmentId,
      bytesOf(traceId),
    ).toArray();
    if (row === undefined) return null;
    return unpackTraces(new Uint8Array(row.body), traceId)[0] ?? null;
  }

  /** Forgets a segment. */
  deleteSegment(segmentId: number): void {
    this.#sql.exec("DELETE FROM chunk WHERE segment_id = ?", segmentId);
    this.#sql.exec("DELETE FROM segment WHERE id = ?", segmentId);
  }
}

/** Orders trace ids as SQLite orders blobs. */
export function byTraceId(a: TraceEntry, b: TraceEntry): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
