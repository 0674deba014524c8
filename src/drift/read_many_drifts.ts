import { and, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { bareId, sameResource } from "../resources/resource_identity.ts";
import type { Drift } from "./drift.ts";
import { driftEvent } from "./drift_schema.ts";
import { driftOfRow } from "./drift_store.ts";

/**
 * Events by their ids, by one statement.
 *
 * @returns By id; unknown ones are not there.
 * @throws What D1 threw.
 */
export async function readDriftsById(
  database: D1Database,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Drift>> {
  const rows = await drizzle(database).select().from(driftEvent).where(and(
    eq(driftEvent.tenant, tenant),
    sql`${driftEvent.id} IN (SELECT value FROM json_each(${
      JSON.stringify(ids)
    }))`,
  ));
  return new Map(rows.map((row) => [row.id, driftOfRow(row)]));
}

/**
 * The newest events of each of some resources, by one statement.
 *
 * @param limit How many of each, at the most.
 * @returns By the id that was asked for, the newest first.
 * @throws What D1 threw.
 */
export async function listDriftsOfResources(
  database: D1Database,
  tenant: string,
  { resourceIds, limit }: {
    /** In whatever form: bare, AirDig's, an ARN. */
    readonly resourceIds: readonly string[];
    readonly limit: number;
  },
): Promise<ReadonlyMap<string, readonly Drift[]>> {
  const bare = JSON.stringify([...new Set(resourceIds.map(bareId))]);
  // A resource may have been told by several names: of each as many.
  const newest = sql`(tenant, id) IN (
    SELECT tenant, id FROM (
      SELECT tenant, id, row_number() OVER (
        PARTITION BY bare_id, resource_id ORDER BY time_ms DESC, id DESC
      ) AS place
      FROM ${driftEvent} WHERE tenant = ${tenant}
        AND bare_id IN (SELECT value FROM json_each(${bare})))
    WHERE place <= ${limit})`;
  const rows = await drizzle(database).select().from(driftEvent)
    .where(and(eq(driftEvent.tenant, tenant), newest));
  const drifts = rows.map(driftOfRow).toSorted((one, other) =>
    other.timeMs - one.timeMs || (other.id < one.id ? -1 : 1)
  );
  return new Map(resourceIds.map((id) => [
    id,
    drifts.filter(({ resourceId }) => sameResource(id, resourceId))
      .slice(0, limit),
  ]));
}
