import type { SchemaStep } from "../storage/schema_steps.ts";

/** How an outbox's own tables came to be; append only. */
export const OUTBOX_SCHEMA: readonly SchemaStep[] = [
  {
    id: "000_items_dead_letters",
    statements: [
      // Requests that wait, oldest first. An id never comes twice: a body is
      // known by the id of the item that it came with, wherever it goes.
      `CREATE TABLE item (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        body_id INTEGER,
        stored_ms INTEGER NOT NULL,
        content_type TEXT NOT NULL,
        content_encoding TEXT,
        bytes INTEGER NOT NULL,
        strikes INTEGER NOT NULL DEFAULT 0
      )`,
      `CREATE TABLE body_part (
        body_id INTEGER NOT NULL,
        part INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (body_id, part)
      ) WITHOUT ROWID`,
      `CREATE TABLE dead_letter (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        body_id INTEGER NOT NULL,
        stored_ms INTEGER NOT NULL,
        content_type TEXT NOT NULL,
        content_encoding TEXT,
        bytes INTEGER NOT NULL,
        reason TEXT NOT NULL,
        status INTEGER
      )`,
      // One row, an OutboxState as JSON.
      "CREATE TABLE state (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
    ],
  },
  {
    id: "001_spans",
    statements: [
      "ALTER TABLE item ADD COLUMN spans INTEGER NOT NULL DEFAULT 0",
    ],
  },
  {
    id: "002_idempotency_key",
    statements: [
      "ALTER TABLE item ADD COLUMN idempotency_key TEXT",
      "ALTER TABLE dead_letter ADD COLUMN idempotency_key TEXT",
    ],
  },
];
