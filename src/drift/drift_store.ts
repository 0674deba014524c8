import { and, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { MAX_STATEMENT_CHARACTERS } from "../history/write_history.ts";
import { bareId, isQualified } from "../resources/resource_identity.ts";
import type { Drift } from "./drift.ts";
import type { DriftFilter } from "./drift_filter.ts";
import { MAX_DRIFTS } from "./drift_limits.ts";
import { type DriftBody, driftEvent } from "./drift_schema.ts";

/** An event as D1 has it. */
export type DriftRow = typeof driftEvent.$inferSelect;

/**
 * Stores events, all or none. One whose id is known replaces what is known: the
 * same event twice is one event. Beyond `MAX_DRIFTS` the oldest go.
 *
 * @returns The ids that were not known before.
 * @throws What D1 threw: nothing is stored then.
 */
export async function writeDrifts(
  database: D1Database,
  tenant: string,
  drifts: readonly Drift[],
): Promise<ReadonlySet<string>> {
  const db = drizzle(database);
  const distinct = new Map(drifts.map((drift) => [drift.id, drift]));
  const ids = JSON.stringify([...distinct.keys()]);
  const [known] = await db.batch([
    db.select({ id: driftEvent.id }).from(driftEvent).where(and(
      eq(driftEvent.tenant, tenant),
      sql`${driftEvent.id} IN (SELECT value FROM json_each(${ids}))`,
    )),
    ...packed([...distinct.values()].map((drift) => toRow(drift)))
      .map((json) => upsert(db, tenant, json)),
    removeOldest(db, tenant),
  ]);
  for (const { id } of known) distinct.delete(id);
  return new Set(distinct.keys());
}

/** An event by its id. @throws What D1 threw. */
export async function readDrift(
  database: D1Database,
  tenant: string,
  id: string,
): Promise<Drift | null> {
  const [row] = await drizzle(database).select().from(driftEvent)
    .where(and(eq(driftEvent.tenant, tenant), eq(driftEvent.id, id)));
  return row === undefined ? null : driftOfRow(row);
}

/**
 * Events that are asked for, the newest first.
 *
 * @param limit How many, at the most; fewer: there are no more.
 * @throws What D1 threw.
 */
export async function listDrifts(
  database: D1Database,
  tenant: string,
  { filter, limit }: { readonly filter: DriftFilter; readonly limit: number },
): Promise<Drift[]> {
  const rows = await drizzle(database).select().from(driftEvent)
    .where(and(eq(driftEvent.tenant, tenant), ...conditions(filter)))
    .orderBy(desc(driftEvent.timeMs), desc(driftEvent.id))
    .limit(limit);
  return rows.map(driftOfRow);
}

function conditions(filter: DriftFilter): readonly (SQL | undefined)[] {
  const { resourceId, type, severity, startMs, endMs, after } = filter;
  return [
    resourceId === undefined ? undefined : namesResource(resourceId),
    type === undefined ? undefined : eq(driftEvent.type, type),
    severity === undefined ? undefined : eq(driftEvent.severity, severity),
    startMs === undefined ? undefined : gte(driftEvent.timeMs, startMs),
    endMs === undefined ? undefined : lt(driftEvent.timeMs, endMs),
    after === undefined
      ? undefined
      : sql`(${driftEvent.timeMs}, ${driftEvent.id}) < (${after.timeMs}, ${after.id})`,
  ];
}

/** What `sameResource` says, as SQL. */
function namesResource(id: string): SQL | undefined {
  const bare = eq(driftEvent.bareId, bareId(id));
  if (!isQualified(id)) return bare;
  return and(
    bare,
    sql`(${driftEvent.resourceId} = ${id}
      OR ${driftEvent.resourceId} LIKE 'arn:%'
      OR ${driftEvent.resourceId} NOT LIKE '%:%:%')`,
  );
}

function upsert(db: DrizzleD1Database, tenant: string, json: string) {
  return db.insert(driftEvent).select(sql`
    SELECT ${tenant}, value->>0, value->>1, value->>2, value->>3, value->>4,
      value->>5, value->>6, value->>7
    FROM json_each(${json}) WHERE true`).onConflictDoUpdate({
    target: [driftEvent.tenant, driftEvent.id],
    set: {
      resourceId: sql`excluded.resource_id`,
      bareId: sql`excluded.bare_id`,
      resourceType: sql`excluded.resource_type`,
      type: sql`excluded.type`,
      severity: sql`excluded.severity`,
      timeMs: sql`excluded.time_ms`,
      body: sql`excluded.body`,
    },
  });
}

function removeOldest(db: DrizzleD1Database, tenant: string) {
  return db.delete(driftEvent).where(and(
    eq(driftEvent.tenant, tenant),
    sql`(${driftEvent.timeMs}, ${driftEvent.id}) <= (
      SELECT time_ms, id FROM ${driftEvent} WHERE tenant = ${tenant}
      ORDER BY time_ms DESC, id DESC LIMIT 1 OFFSET ${MAX_DRIFTS})`,
  ));
}

function toRow(drift: Drift): string {
  const { id, resourceId, resourceType, type, severity, timeMs, ...body } =
    drift;
  return JSON.stringify([
    id,
    resourceId,
    bareId(resourceId),
    resourceType,
    type,
    severity,
    timeMs,
    JSON.stringify(body satisfies DriftBody),
  ]);
}

/** The event of a row. */
export function driftOfRow(row: DriftRow): Drift {
  const { id, resourceId, resourceType, type, severity, timeMs, body } = row;
  return { ...body, id, resourceId, resourceType, type, severity, timeMs };
}

/** JSON arrays of rows, each short enough for a statement. */
function packed(rows: readonly string[]): string[] {
  const arrays: string[] = [];
  let json = "";
  for (const row of rows) {
    if (json !== "" && json.length + row.length > MAX_STATEMENT_CHARACTERS) {
      arrays.push(`[${json}]`);
      json = "";
    }
    json += json === "" ? row : `,${row}`;
  }
  if (json !== "") arrays.push(`[${json}]`);
  return arrays;
}
