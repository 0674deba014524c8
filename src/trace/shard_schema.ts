import type { SchemaStep } from "../storage/schema_steps.ts";

/** How a trace shard's own tables came to be; append only. */
export const TRACE_SHARD_SCHEMA: readonly SchemaStep[] = [
  {
    id: "000_journal_segments_deltas",
    statements: [
      // What was acknowledged since the last checkpoint, as it came.
      `CREATE TABLE journal (
        id INTEGER PRIMARY KEY,
        arrived_ms INTEGER NOT NULL,
        body BLOB NOT NULL
      )`,
      // Traces as they stood at a checkpoint; the newest segment that holds a
      // trace tells all of it.
      `CREATE TABLE segment (
        id INTEGER PRIMARY KEY,
        created_ms INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        filter BLOB NOT NULL
      )`,
      `CREATE TABLE chunk (
        segment_id INTEGER NOT NULL,
        first_id BLOB NOT NULL,
        part INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (segment_id, first_id, part)
      ) WITHOUT ROWID`,
      // What the services have to be told. The newest row stays: it says up
      // to which entry of the journal all has been told.
      `CREATE TABLE delta (
        sequence INTEGER NOT NULL,
        part INTEGER NOT NULL,
        ticked_ms INTEGER NOT NULL,
        journal_id INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (sequence, part)
      ) WITHOUT ROWID`,
    ],
  },
  {
    id: "001_kept_traces",
    statements: [
      // Spans as they came, with their facts, until they are put in a batch.
      `CREATE TABLE fresh_span (
        id INTEGER PRIMARY KEY,
        arrived_ms INTEGER NOT NULL,
        body BLOB NOT NULL
      )`,
      // The newest batch that holds a trace has all of it.
      `CREATE TABLE kept_batch (
        id INTEGER PRIMARY KEY,
        created_ms INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        traces INTEGER NOT NULL,
        filter BLOB NOT NULL
      )`,
      `CREATE TABLE kept_chunk (
        batch INTEGER NOT NULL,
        first_id BLOB NOT NULL,
        part INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (batch, first_id, part)
      ) WITHOUT ROWID`,
      // The index for searches: each kept trace is in one page.
      `CREATE TABLE trace_page (
        batch INTEGER NOT NULL,
        page INTEGER NOT NULL,
        from_ms INTEGER NOT NULL,
        until_ms INTEGER NOT NULL,
        traces INTEGER NOT NULL,
        services TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (batch, page)
      )`,
      "CREATE INDEX trace_page_until ON trace_page (until_ms)",
    ],
  },
  {
    id: "002_page_attributes",
    statements: [
      "DROP INDEX trace_page_until",
      "ALTER TABLE trace_page RENAME TO trace_page_before",
      // What a search compares stands before the body, which it need not read.
      `CREATE TABLE trace_page (
        batch INTEGER NOT NULL,
        page INTEGER NOT NULL,
        from_ms INTEGER NOT NULL,
        until_ms INTEGER NOT NULL,
        traces INTEGER NOT NULL,
        services TEXT NOT NULL,
        keys TEXT NOT NULL,
        hashes BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (batch, page)
      )`,
      `INSERT INTO trace_page
       SELECT batch, page, from_ms, until_ms, traces, services, char(10), x'',
         body
       FROM trace_page_before`,
      "DROP TABLE trace_page_before",
      "CREATE INDEX trace_page_until ON trace_page (until_ms)",
    ],
  },
];
