import type { SchemaStep } from "../storage/schema_steps.ts";

/** How a service object's own tables came to be; append only. */
export const AGGREGATE_SCHEMA: readonly SchemaStep[] = [
  {
    id: "000_windows_pending_history_sources",
    statements: [
      // Whose object it is: the platform does not always tell an object's
      // name to the object.
      `CREATE TABLE owner (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        tenant TEXT NOT NULL,
        service TEXT NOT NULL
      )`,
      `CREATE TABLE window (
        resolution INTEGER NOT NULL,
        start_s INTEGER NOT NULL,
        part INTEGER NOT NULL,
        parts INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        summary BLOB NOT NULL,
        operations BLOB NOT NULL,
        PRIMARY KEY (resolution, start_s, part)
      ) WITHOUT ROWID`,
      // Windows that are not, as they are now, in D1. An hour or a day can be
      // here before its window is made.
      `CREATE TABLE pending (
        resolution INTEGER NOT NULL,
        start_s INTEGER NOT NULL,
        PRIMARY KEY (resolution, start_s)
      ) WITHOUT ROWID`,
      // Between which starts D1 may have windows of this service.
      `CREATE TABLE history (
        resolution INTEGER PRIMARY KEY,
        oldest_s INTEGER NOT NULL,
        newest_s INTEGER NOT NULL
      )`,
      `CREATE TABLE source (
        name TEXT PRIMARY KEY,
        sequence INTEGER NOT NULL,
        heard_ms INTEGER NOT NULL
      ) WITHOUT ROWID`,
    ],
  },
  {
    id: "001_anomalies",
    statements: [
      // What is known of the service, and the last minute it is known from.
      `CREATE TABLE detector (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        minute INTEGER NOT NULL,
        known BLOB NOT NULL
      )`,
      // Anomalies that D1 does not have as they are now.
      `CREATE TABLE anomaly_change (
        id TEXT PRIMARY KEY,
        started_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        raised INTEGER NOT NULL,
        ended INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        body TEXT NOT NULL
      ) WITHOUT ROWID`,
    ],
  },
  {
    id: "002_totals",
    statements: [
      // What the service did before the minutes that are not added to it yet.
      `CREATE TABLE totals (
        part INTEGER PRIMARY KEY,
        parts INTEGER NOT NULL,
        body BLOB NOT NULL
      )`,
    ],
  },
];
