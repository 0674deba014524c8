import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
} from "drizzle-orm/sqlite-core";
import type { Severity } from "../drift/drift.ts";
import type { Anomaly, AnomalyMetric, Candidate } from "./anomaly.ts";

/** What of an anomaly is not asked for, and so has no column. */
export type AnomalyBody = Pick<
  Anomaly,
  | "edge"
  | "endReason"
  | "baseline"
  | "baselineSource"
  | "observed"
  | "evidence"
  | "sampleTraces"
>;

/** What was off, and for how long. WITHOUT ROWID in the migration. */
export const anomaly = sqliteTable("anomaly", {
  tenant: text().notNull(),
  id: text().notNull(),
  /** `nodeId`. */
  service: text().notNull(),
  /** `service.name`. */
  serviceName: text("service_name").notNull(),
  /** `edgeId`, or "" for what the service serves. */
  edge: text().notNull(),
  metric: text().$type<AnomalyMetric>().notNull(),
  severity: text().$type<Severity>().notNull(),
  /** ms since the epoch. */
  startedMs: integer("started_ms").notNull(),
  /** null: recorded and not raised. */
  raisedMs: integer("raised_ms"),
  /** null: it lasts. */
  endedMs: integer("ended_ms"),
  /** Grows with each account, so that one that comes late is void. */
  revision: integer().notNull(),
  body: text({ mode: "json" }).$type<AnomalyBody>().notNull(),
  /** null: not looked for yet. */
  candidates: text({ mode: "json" }).$type<readonly Candidate[]>(),
}, (table) => [
  primaryKey({ columns: [table.tenant, table.id] }),
  index("anomaly_time").on(table.tenant, table.startedMs, table.id),
  index("anomaly_lasting").on(table.tenant, table.startedMs, table.id)
    .where(sql`ended_ms IS NULL`),
]);
