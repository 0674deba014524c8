import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
} from "drizzle-orm/sqlite-core";
import type { Verdict } from "../correlation/drift_finding.ts";
import type { DriftReport } from "./drift_report_schema.ts";

/** The newest report of each change. WITHOUT ROWID in the migration. */
export const correlationReport = sqliteTable("correlation_report", {
  tenant: text().notNull(),
  driftId: text("drift_id").notNull(),
  verdict: text().$type<Verdict>().notNull(),
  /** When the change was, ms since the epoch. */
  timeMs: integer("time_ms").notNull(),
  generatedMs: integer("generated_ms").notNull(),
  body: text({ mode: "json" }).$type<DriftReport>().notNull(),
}, (table) => [
  primaryKey({ columns: [table.tenant, table.driftId] }),
  index("correlation_report_time").on(
    table.tenant,
    table.timeMs,
    table.driftId,
  ),
]);
