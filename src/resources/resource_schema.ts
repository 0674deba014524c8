import {
  blob,
  integer,
  primaryKey,
  sqliteTable,
  text,
} from "drizzle-orm/sqlite-core";
import type { GraphSource } from "./graph_state.ts";
import type { MappingSource } from "./mapping.ts";

/** What is known of a tenant's graph. WITHOUT ROWID in the migration. */
export const resourceGraph = sqliteTable("resource_graph", {
  tenant: text().primaryKey().notNull(),
  /** SHA-256 of what is stored, hex; "" while there is none. */
  version: text().notNull(),
  nodes: integer().notNull(),
  edges: integer().notNull(),
  source: text().$type<GraphSource>().notNull(),
  /** When the graph was last told, the same again included; ms. */
  receivedMs: integer("received_ms").notNull(),
  /** When SkyGraph was last asked, ms; 0: never. */
  askedMs: integer("asked_ms").notNull(),
  /** Why it did not answer then; "" where it did. */
  failure: text().notNull(),
});

/** A tenant's graph as deflated JSON, cut so that each part fits a row. */
export const resourceGraphPart = sqliteTable("resource_graph_part", {
  tenant: text().notNull(),
  version: text().notNull(),
  part: integer().notNull(),
  body: blob({ mode: "buffer" }).notNull(),
}, (table) => [
  primaryKey({ columns: [table.tenant, table.version, table.part] }),
]);

/** Which ids the spans of a service named. WITHOUT ROWID in the migration. */
export const resourceMapping = sqliteTable("resource_mapping", {
  tenant: text().notNull(),
  /** `nodeId`. */
  service: text().notNull(),
  /** The attribute. */
  source: text().$type<MappingSource>().notNull(),
  /** Its value: an ARN, `namespace/pod`, a host's id. */
  resource: text().notNull(),
  /** ms since the epoch. */
  firstSeenMs: integer("first_seen_ms").notNull(),
  lastSeenMs: integer("last_seen_ms").notNull(),
  traces: integer().notNull(),
}, (table) => [
  primaryKey({
    columns: [table.tenant, table.service, table.source, table.resource],
  }),
]);
