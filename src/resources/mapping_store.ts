import { and, desc, eq, gte, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { MAX_MAPPINGS, MAX_MAPPINGS_PER_SERVICE } from "./mapping_limits.ts";
import type { MappingRow } from "./mapping_row.ts";
import { resourceMapping } from "./resource_schema.ts";

/**
 * Adds what was seen to what is known, in one transaction. Of each service the
 * `MAX_MAPPINGS_PER_SERVICE` that were seen last stay.
 *
 * @throws What D1 threw: nothing is written then.
 */
export async function writeMappings(
  database: D1Database,
  tenant: string,
  rows: readonly MappingRow[],
): Promise<void> {
  const db = drizzle(database);
  const json = JSON.stringify(rows.map((row) => [
    row.service,
    row.source,
    row.resource,
    row.firstSeenMs,
    row.lastSeenMs,
    row.traces,
  ]));
  const services = JSON.stringify([
    ...new Set(rows.map(({ service }) => service)),
  ]);
  await db.batch([
    db.insert(resourceMapping).select(sql`
      SELECT ${tenant}, value->>0, value->>1, value->>2, value->>3, value->>4,
        value->>5
      FROM json_each(${json}) WHERE true`).onConflictDoUpdate({
      target: [
        resourceMapping.tenant,
        resourceMapping.service,
        resourceMapping.source,
        resourceMapping.resource,
      ],
      set: {
        firstSeenMs:
          sql`min(${resourceMapping.firstSeenMs}, excluded.first_seen_ms)`,
        lastSeenMs:
          sql`max(${resourceMapping.lastSeenMs}, excluded.last_seen_ms)`,
        traces: sql`${resourceMapping.traces} + excluded.traces`,
      },
    }),
    db.delete(resourceMapping).where(and(
      eq(resourceMapping.tenant, tenant),
      sql`(service, source, resource) IN (
        SELECT service, source, resource FROM (
          SELECT service, source, resource, row_number() OVER (
            PARTITION BY service
            ORDER BY last_seen_ms DESC, source, resource) AS place
          FROM ${resourceMapping} WHERE tenant = ${tenant}
            AND service IN (SELECT value FROM json_each(${services})))
        WHERE place > ${MAX_MAPPINGS_PER_SERVICE})`,
    )),
  ]);
}

/**
 * What is known of a tenant, the last seen first.
 *
 * @param sinceMs What was not seen since is left out, ms since the epoch.
 * @returns At most `MAX_MAPPINGS`.
 * @throws What D1 threw.
 */
export function readMappings(
  database: D1Database,
  tenant: string,
  sinceMs: number,
): Promise<MappingRow[]> {
  return drizzle(database).select({
    service: resourceMapping.service,
    source: resourceMapping.source,
    resource: resourceMapping.resource,
    firstSeenMs: resourceMapping.firstSeenMs,
    lastSeenMs: resourceMapping.lastSeenMs,
    traces: resourceMapping.traces,
  }).from(resourceMapping).where(and(
    eq(resourceMapping.tenant, tenant),
    gte(resourceMapping.lastSeenMs, sinceMs),
  )).orderBy(
    desc(resourceMapping.lastSeenMs),
    resourceMapping.service,
    resourceMapping.source,
    resourceMapping.resource,
  ).limit(MAX_MAPPINGS);
}

/**
 * Deletes what was not seen since then, and of each tenant what is beyond
 * `MAX_MAPPINGS`.
 *
 * @throws What D1 threw.
 */
export async function purgeMappings(
  database: D1Database,
  sinceMs: number,
): Promise<void> {
  const db = drizzle(database);
  await db.batch([
    db.delete(resourceMapping).where(lt(resourceMapping.lastSeenMs, sinceMs)),
    db.delete(resourceMapping).where(
      sql`(tenant, service, source, resource) IN (
        SELECT tenant, service, source, resource FROM (
          SELECT tenant, service, source, resource, row_number() OVER (
            PARTITION BY tenant
            ORDER BY last_seen_ms DESC, service, source, resource) AS place
          FROM ${resourceMapping})
        WHERE place > ${MAX_MAPPINGS})`,
    ),
  ]);
}
