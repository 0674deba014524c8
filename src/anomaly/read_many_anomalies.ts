import { and, eq, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { OpenAnomaly } from "../resources/resource_health.ts";
import { anomaly as table } from "./anomaly_schema.ts";
import { anomalyOfRow, type StoredAnomaly } from "./anomaly_store.ts";

/**
 * The newest raised anomalies of each of some services, by one statement.
 *
 * @param limit How many of each, at the most.
 * @returns By the service, the newest first.
 * @throws What D1 threw.
 */
export async function listAnomaliesOfServices(
  database: D1Database,
  tenant: string,
  { services, limit }: {
    /** `nodeId` of each. */
    readonly services: readonly string[];
    readonly limit: number;
  },
): Promise<ReadonlyMap<string, readonly StoredAnomaly[]>> {
  const newest = sql`(tenant, id) IN (
    SELECT tenant, id FROM (
      SELECT tenant, id, row_number() OVER (
        PARTITION BY service ORDER BY started_ms DESC, id DESC) AS place
      FROM ${table} WHERE tenant = ${tenant} AND raised_ms IS NOT NULL
        AND service IN (SELECT value FROM json_each(${
    JSON.stringify(services)
  })))
    WHERE place <= ${limit})`;
  const rows = await drizzle(database).select().from(table)
    .where(and(eq(table.tenant, tenant), newest))
    .orderBy(sql`started_ms DESC, id DESC`);
  return Map.groupBy(
    rows.map(anomalyOfRow),
    ({ anomaly }) => anomaly.service,
  );
}

/**
 * Which services have anomalies that last, and how bad they are.
 *
 * @throws What D1 threw.
 */
export async function listOpenAnomalies(
  database: D1Database,
  tenant: string,
): Promise<OpenAnomaly[]> {
  // The query itself would ask D1 each time that it is awaited.
  const open = await drizzle(database)
    .selectDistinct({ service: table.service, severity: table.severity })
    .from(table)
    .where(and(
      eq(table.tenant, tenant),
      isNull(table.endedMs),
      sql`raised_ms IS NOT NULL`,
    ));
  return open;
}
