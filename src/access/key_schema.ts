import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
} from "drizzle-orm/sqlite-core";
import type { Scope } from "./caller.ts";

/** The keys, without their secrets. WITHOUT ROWID in the migration. */
export const accessKey = sqliteTable("access_key", {
  /** Public part of the key. */
  id: text().primaryKey().notNull(),
  tenant: text().notNull(),
  name: text().notNull(),
  scope: text().$type<Scope>().notNull(),
  /** `keyDigest` of the key. */
  hash: text().notNull(),
  /** ms since the epoch. */
  createdMs: integer("created_ms").notNull(),
  expiresMs: integer("expires_ms"),
  revokedMs: integer("revoked_ms"),
  origins: text({ mode: "json" }).$type<readonly string[]>(),
  services: text({ mode: "json" }).$type<readonly string[]>(),
  requestsPerSecond: integer("requests_per_second"),
  spansPerSecond: integer("spans_per_second"),
  bodyBytes: integer("body_bytes"),
  maxServices: integer("max_services"),
}, (table) => [index("access_key_tenant").on(table.tenant)]);

/** The origins that keys name, for preflights: they carry no key. */
export const keyOrigin = sqliteTable("key_origin", {
  origin: text().notNull(),
  /** `accessKey.id` */
  key: text().notNull(),
}, (table) => [
  primaryKey({ columns: [table.origin, table.key] }),
  index("key_origin_key").on(table.key),
]);
