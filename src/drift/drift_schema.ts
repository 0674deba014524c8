import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
} from "drizzle-orm/sqlite-core";
import type { Drift, DriftType, Severity } from "./drift.ts";

/** What of an event is not asked for, and so has no column. */
export type DriftBody = Omit<
  Drift,
  "id" | "resourceId" | "resourceType" | "type" | "severity" | "timeMs"
>;

/** The changes of the infrastructure. WITHOUT ROWID in the migration. */
export const driftEvent = sqliteTable("drift_event", {
  tenant: text().notNull(),
  id: text().notNull(),
  resourceId: text("resource_id").notNull(),
  /** `bareId` of it. */
  bareId: text("bare_id").notNull(),
  resourceType: text("resource_type").notNull(),
  type: text().$type<DriftType>().notNull(),
  severity: text().$type<Severity>().notNull(),
  /** ms since the epoch. */
  timeMs: integer("time_ms").notNull(),
  body: text({ mode: "json" }).$type<DriftBody>().notNull(),
}, (table) => [
  primaryKey({ columns: [table.tenant, table.id] }),
  index("drift_event_time").on(table.tenant, table.timeMs, table.id),
  index("drift_event_resource").on(
    table.tenant,
    table.bareId,
    table.timeMs,
    table.id,
  ),
]);
