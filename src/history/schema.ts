import {
  blob,
  integer,
  primaryKey,
  sqliteTable,
  text,
} from "drizzle-orm/sqlite-core";

/**
 * What one service did in one window: packed, one row a window (a very large
 * one has more), written as a whole by the object of the service.
 *
 * WITHOUT ROWID in the migration, which drizzle cannot say: a write then
 * touches one row where it would touch the table and its index.
 */
export const bucket = sqliteTable("bucket", {
  tenant: text().notNull(),
  /** Length of the window, s. */
  resolution: integer().notNull(),
  /** s since the epoch. */
  startS: integer("start_s").notNull(),
  /** `nodeId`. */
  service: text().notNull(),
  /** From 0. */
  part: integer().notNull(),
  /** How many parts the window has; rows from that number on are void. */
  parts: integer().notNull(),
  /** Grows with every revision, so that a write that comes late is void. */
  revision: integer().notNull(),
  summary: blob({ mode: "buffer" }).notNull(),
  operations: blob({ mode: "buffer" }).notNull(),
}, (table) => [
  primaryKey({
    columns: [
      table.tenant,
      table.resolution,
      table.startS,
      table.service,
      table.part,
    ],
  }),
]);

/**
 * An hour of a service minute by minute, beside its window: what a report of a
 * day reads in place of its minutes.
 */
export const hourSeries = sqliteTable("hour_series", {
  tenant: text().notNull(),
  /** `nodeId`. */
  service: text().notNull(),
  /** s since the epoch. */
  startS: integer("start_s").notNull(),
  /** That of the hour's window. */
  revision: integer().notNull(),
  /** Base64, as it crosses; empty: its minutes are to be read. */
  body: text().notNull(),
}, (table) => [
  primaryKey({ columns: [table.tenant, table.service, table.startS] }),
]);

/** The services that have history. */
export const service = sqliteTable("service", {
  tenant: text().notNull(),
  /** `nodeId`. */
  service: text().notNull(),
  namespace: text().notNull(),
  name: text().notNull(),
  environment: text().notNull(),
  /** Bits of `NodeTrait`. */
  traits: integer().notNull(),
  /** ms since the epoch. */
  firstSeenMs: integer("first_seen_ms").notNull(),
  lastSeenMs: integer("last_seen_ms").notNull(),
}, (table) => [primaryKey({ columns: [table.tenant, table.service] })]);
