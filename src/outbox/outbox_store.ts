import { joinBytes } from "../codec/join_bytes.ts";
import { blobParts } from "../storage/blob_parts.ts";
import { newOutboxState, type OutboxState } from "./outbox_state.ts";
import { type ReceivedRequest, storedBytes } from "./received_request.ts";

/** A stored request without its body. */
export interface StoredRequest {
  readonly id: number;
  readonly bodyId: number;
  /** When it was stored, ms since the epoch. */
  readonly storedMs: number;
  readonly contentType: string;
  readonly contentEncoding: string | null;
  readonly idempotencyKey: string | null;
  /** As `storedBytes` counts them. */
  readonly bytes: number;
}

/** A request that waits. */
export interface Item extends StoredRequest {
  /** Spans of the request; 0 where that is not known. */
  readonly spans: number;
  /** Attempts after which it was not clear whose fault it is. */
  readonly strikes: number;
}

/** A request that will never pass. */
export interface DeadLetter extends StoredRequest {
  readonly reason: string;
  /** What the target answered; null without an answer. */
  readonly status: number | null;
}

type Row = Record<string, SqlStorageValue> & {
  id: number;
  body_id: number;
  stored_ms: number;
  content_type: string;
  content_encoding: string | null;
  idempotency_key: string | null;
  bytes: number;
};
type ItemRow = Row & { strikes: number; spans: number };
type DeadRow = Row & { reason: string; status: number | null };

const META =
  "stored_ms, content_type, content_encoding, idempotency_key, bytes";
const ITEM =
  `SELECT id, coalesce(body_id, id) AS body_id, strikes, spans, ${META} FROM item`;
const DEAD = `SELECT id, body_id, reason, status, ${META} FROM dead_letter`;

/** The tables of an outbox; all calls are synchronous. */
export class OutboxStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** What the outbox knows of itself. */
  state(): OutboxState {
    const [row] = this.#sql.exec<{ body: string }>("SELECT body FROM state")
      .toArray();
    const before = row === undefined ? {} : JSON.parse(row.body) as object;
    return { ...newOutboxState(), ...before };
  }

  /** Writes it. */
  saveState(state: OutboxState): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO state (id, body) VALUES (1, ?)",
      JSON.stringify(state),
    );
  }

  /** Appends a request as the youngest. */
  append(request: ReceivedRequest, storedMs: number): Item {
    const bytes = storedBytes(request);
    const { contentType, contentEncoding, spans = 0 } = request;
    const { idempotencyKey = null } = request;
    const { id } = this.#sql.exec<{ id: number }>(
      `INSERT INTO item (spans, ${META}) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
      spans,
      storedMs,
      contentType,
      contentEncoding,
      idempotencyKey,
      bytes,
    ).one();
    blobParts(request.body).forEach((body, part) => {
      this.#sql.exec(
        "INSERT INTO body_part (body_id, part, body) VALUES (?, ?, ?)",
        id,
        part,
        body,
      );
    });
    const meta = {
      storedMs,
      contentType,
      contentEncoding,
      idempotencyKey,
      bytes,
    };
    return { id, bodyId: id, strikes: 0, spans, ...meta };
  }

  /** The oldest that waits; null where none does. */
  oldest(): Item | null {
    return this.#items(`${ITEM} ORDER BY id LIMIT 1`)[0] ?? null;
  }

  /** The oldest after another with fewer than so many strikes. */
  nextAfter(id: number, strikes: number): Item | null {
    return this.#items(
      `${ITEM} WHERE id > ? AND strikes < ? ORDER BY id LIMIT 1`,
      id,
      strikes,
    )[0] ?? null;
  }

  #items(query: string, ...values: number[]): Item[] {
    return this.#sql.exec<ItemRow>(query, ...values).toArray().map(waiting);
  }

  /**
   * All that wait up to an id, oldest first; nothing may be written until one
   * has taken what one wants.
   */
  *waitingUpTo(lastId: number): Generator<Item> {
    const rows = this.#sql.exec<ItemRow>(
      `${ITEM} WHERE id <= ? ORDER BY id`,
      Math.min(lastId, Number.MAX_SAFE_INTEGER),
    );
    for (const row of rows) yield waiting(row);
  }

  /** More strikes. */
  strike(id: number, strikes = 1): void {
    this.#sql.exec(
      "UPDATE item SET strikes = strikes + ? WHERE id = ?",
      strikes,
      id,
    );
  }

  /** The whole request; null where it is gone. */
  request(meta: StoredRequest): ReceivedRequest | null {
    const parts = this.#sql.exec<{ body: ArrayBuffer }>(
      "SELECT body FROM body_part WHERE body_id = ? ORDER BY part",
      meta.bodyId,
    ).toArray();
    if (parts.length === 0) return null;
    const { contentType, contentEncoding, idempotencyKey } = meta;
    const body = joinBytes(parts.map((part) => new Uint8Array(part.body)));
    return { body, contentType, contentEncoding, idempotencyKey };
  }

  /** Forgets an item, not its body. @returns Whether it was there. */
  deleteItem(id: number): boolean {
    return this.#sql.exec("DELETE FROM item WHERE id = ? RETURNING id", id)
      .toArray().length > 0;
  }

  /** Forgets a body. */
  deleteBody(bodyId: number): void {
    this.#sql.exec("DELETE FROM body_part WHERE body_id = ?", bodyId);
  }

  /** Adds a dead letter, whose body is there already, as the youngest. */
  bury(
    meta: StoredRequest,
    { reason, status }: Pick<DeadLetter, "reason" | "status">,
  ): void {
    this.#sql.exec(
      `INSERT INTO dead_letter (body_id, reason, status, ${META})
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      meta.bodyId,
      reason,
      status,
      meta.storedMs,
      meta.contentType,
      meta.contentEncoding,
      meta.idempotencyKey,
      meta.bytes,
    );
  }

  /** Dead letters after one of them, oldest first. */
  deadLetters(afterId: number, limit: number): DeadLetter[] {
    return this.#dead(
      `${DEAD} WHERE id > ? ORDER BY id LIMIT ?`,
      afterId,
      limit,
    );
  }

  /** One dead letter; null where there is none of that id. */
  deadLetter(id: number): DeadLetter | null {
    return this.#dead(`${DEAD} WHERE id = ?`, id)[0] ?? null;
  }

  #dead(query: string, ...values: number[]): DeadLetter[] {
    return this.#sql.exec<DeadRow>(query, ...values).toArray().map((row) => ({
      ...stored(row),
      reason: row.reason,
      status: row.status,
    }));
  }

  /** Forgets a dead letter, not its body. */
  deleteDeadLetter(id: number): void {
    this.#sql.exec("DELETE FROM dead_letter WHERE id = ?", id);
  }

  /** Appends an item as the youngest, whose body is there already. */
  revive(letter: DeadLetter, storedMs: number): void {
    this.#sql.exec(
      `INSERT INTO item (body_id, ${META}) VALUES (?, ?, ?, ?, ?, ?)`,
      letter.bodyId,
      storedMs,
      letter.contentType,
      letter.contentEncoding,
      letter.idempotencyKey,
      letter.bytes,
    );
  }
}

function waiting(row: ItemRow): Item {
  return { ...stored(row), strikes: row.strikes, spans: row.spans };
}

function stored(row: Row): StoredRequest {
  return {
    id: row.id,
    bodyId: row.body_id,
    storedMs: row.stored_ms,
    contentType: row.content_type,
    contentEncoding: row.content_encoding,
    idempotencyKey: row.idempotency_key,
    bytes: row.bytes,
  };
}
