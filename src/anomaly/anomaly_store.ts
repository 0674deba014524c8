import { and, desc, eq, isNull, lt, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { nodeOfId } from "../map/node_identity.ts";
import type { Anomaly, Candidate } from "./anomaly.ts";
import type { AnomalyFilter } from "./anomaly_filter.ts";
import { ANOMALY_KEPT_MS, MAX_ANOMALIES } from "./anomaly_limits.ts";
import { anomaly as table, type AnomalyBody } from "./anomaly_schema.ts";

/** An anomaly as D1 has it. */
export type AnomalyRow = typeof table.$inferSelect;

/** An anomaly with what may be behind it; null: not looked for yet. */
export interface StoredAnomaly {
  readonly anomaly: Anomaly;
  readonly candidates: readonly Candidate[] | null;
}

/**
 * Stores an anomaly as it is now. A repeated write changes nothing, nor does
 * one that is overtaken; candidates that are known stay. With a new one, those
 * that are too old go, and the oldest beyond `MAX_ANOMALIES`.
 *
 * @throws What D1 threw: it may be stored or not.
 */
export async function writeAnomaly(
  database: D1Database,
  { anomaly, candidates }: StoredAnomaly,
  { tenant, nowMs }: { readonly tenant: string; readonly nowMs: number },
): Promise<void> {
  const db = drizzle(database);
  const { id, service, metric, severity, startedMs, raisedMs, endedMs } =
    anomaly;
  const { edge, endReason, baseline, baselineSource, observed } = anomaly;
  const upsert = db.insert(table).values({
    tenant,
    id,
    service,
    serviceName: nodeOfId(service).name,
    edge: edge?.id ?? "",
    metric,
    severity,
    startedMs,
    raisedMs,
    endedMs,
    revision: anomaly.revision,
    body: {
      edge,
      endReason,
      baseline,
      baselineSource,
      observed,
      evidence: anomaly.evidence,
      sampleTraces: anomaly.sampleTraces,
    } satisfies AnomalyBody,
    candidates,
  }).onConflictDoUpdate({
    target: [table.tenant, table.id],
    set: {
      severity: sql`excluded.severity`,
      endedMs: sql`excluded.ended_ms`,
      revision: sql`excluded.revision`,
      body: sql`excluded.body`,
      candidates: sql`coalesce(excluded.candidates, ${table.candidates})`,
    },
    setWhere: sql`excluded.revision >= ${table.revision}`,
  });
  await db.batch([
    upsert,
    db.delete(table).where(and(
      eq(table.tenant, tenant),
      lt(table.startedMs, nowMs - ANOMALY_KEPT_MS),
    )),
    // What is only recorded must not push out what was raised.
    db.delete(table).where(and(
      eq(table.tenant, tenant),
      sameClass(raisedMs),
      sql`(${table.startedMs}, ${table.id}) <= (
        SELECT started_ms, id FROM ${table} WHERE tenant = ${tenant}
          AND ${sameClass(raisedMs)}
        ORDER BY started_ms DESC, id DESC LIMIT 1 OFFSET ${MAX_ANOMALIES})`,
    )),
  ]);
}

function sameClass(raisedMs: number | null): SQL {
  return raisedMs === null
    ? sql`raised_ms IS NULL`
    : sql`raised_ms IS NOT NULL`;
}

/** Stores what may be behind an anomaly. @throws What D1 threw. */
export async function writeCandidates(
  database: D1Database,
  { tenant, id, candidates }: {
    readonly tenant: string;
    readonly id: string;
    readonly candidates: readonly Candidate[];
  },
): Promise<void> {
  await drizzle(database).update(table).set({ candidates })
    .where(and(eq(table.tenant, tenant), eq(table.id, id)));
}

/** An anomaly by its id. @throws What D1 threw. */
export async function readAnomaly(
  database: D1Database,
  tenant: string,
  id: string,
): Promise<StoredAnomaly | null> {
  const [row] = await drizzle(database).select().from(table)
    .where(and(eq(table.tenant, tenant), eq(table.id, id)));
  return row === undefined ? null : anomalyOfRow(row);
}

/**
 * Anomalies that are asked for, the newest first.
 *
 * @param limit How many, at the most; fewer: there are no more.
 * @throws What D1 threw.
 */
export async function listAnomalies(
  database: D1Database,
  tenant: string,
  { filter, limit }: {
    readonly filter: AnomalyFilter;
    readonly limit: number;
  },
): Promise<StoredAnomaly[]> {
  const rows = await drizzle(database).select().from(table)
    .where(and(eq(table.tenant, tenant), ...conditions(filter)))
    .orderBy(desc(table.startedMs), desc(table.id))
    .limit(limit);
  return rows.map(anomalyOfRow);
}

/** How many raised anomalies last. @throws What D1 threw. */
export async function countOpenAnomalies(
  database: D1Database,
  tenant: string,
): Promise<number> {
  const [row] = await drizzle(database)
    .select({ count: sql<number>`count(*)` }).from(table)
    .where(and(
      eq(table.tenant, tenant),
      isNull(table.endedMs),
      sql`raised_ms IS NOT NULL`,
    ));
  return row?.count ?? 0;
}

function conditions(filter: AnomalyFilter): readonly (SQL | undefined)[] {
  const { service, metric, state, startMs, endMs, after } = filter;
  return [
    service === undefined
      ? undefined
      : sql`(${table.service} = ${service} OR ${table.serviceName} = ${service})`,
    metric === undefined
      ? sql`raised_ms IS NOT NULL`
      : eq(table.metric, metric),
    state === "open" ? isNull(table.endedMs) : undefined,
    state === "ended" ? sql`ended_ms IS NOT NULL` : undefined,
    startMs === undefined
      ? undefined
      : sql`(ended_ms IS NULL OR ended_ms > ${startMs})`,
    endMs === undefined ? undefined : lt(table.startedMs, endMs),
    after === undefined
      ? undefined
      : sql`(${table.startedMs}, ${table.id}) < (${after.timeMs}, ${after.id})`,
  ];
}

/** The anomaly of a row. */
export function anomalyOfRow(row: AnomalyRow): StoredAnomaly {
  const { id, service, metric, severity, startedMs, raisedMs, endedMs } = row;
  return {
    anomaly: {
      id,
      service,
      metric,
      severity,
      startedMs,
      raisedMs,
      endedMs,
      revision: row.revision,
      ...row.body,
    },
    candidates: row.candidates,
  };
}
