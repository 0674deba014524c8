/// <reference lib="esnext.typedarrays" />
import { and, eq, lt, sql } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { nodeId } from "../map/node_identity.ts";
import type { HistoryOwner, HistoryRow, ServiceSeen } from "./history_row.ts";
import { HISTORY_RETENTION_S } from "./retention.ts";
import { bucket, hourSeries, service } from "./schema.ts";
import { HOUR_S, MINUTE_S, type Resolution } from "./window_range.ts";

/** Characters of one statement's JSON; D1 takes 2 MB. */
export const MAX_STATEMENT_CHARACTERS = 1_500_000;

/** An hour of the service, minute by minute. */
export interface HourRow {
  /** s since the epoch. */
  readonly startS: number;
  /** That of the hour's window. */
  readonly revision: number;
  /** As `encodeHourSeries` makes it; empty: its minutes are to be read. */
  readonly body: Uint8Array;
}

/** What is written together. */
export interface HistoryWrite {
  /** All rows of each window; there is at least one. */
  readonly rows: readonly HistoryRow[];
  /** One for each hour among them. */
  readonly hours: readonly HourRow[];
  /** null where no span counted in them. */
  readonly seen: ServiceSeen | null;
}

/** Windows that are kept no longer. */
export interface Purge {
  readonly resolution: Resolution;
  /** Starts of the windows, s since the epoch. */
  readonly startsS: readonly number[];
}

/**
 * Writes whole windows, in one transaction. Writing them again changes
 * nothing, and neither does a write that is overtaken by a later one.
 *
 * @throws What D1 threw: the windows then count as not written.
 */
export async function writeHistory(
  database: D1Database,
  owner: HistoryOwner,
  { rows, hours, seen }: HistoryWrite,
): Promise<void> {
  const db = drizzle(database);
  const [first, ...others] = [
    ...packRows(rows.map(rowValues)).map((json) => insertRows(db, owner, json)),
    ...packRows(hours.map(hourValues))
      .map((json) => insertHours(db, owner, json)),
    ...(hours.length === 0 ? [] : [deleteOldHours(db, owner, hours)]),
    ...(seen === null ? [] : [insertService(db, owner, seen)]),
  ];
  if (first !== undefined) await db.batch([first, ...others]);
}

function insertRows(db: DrizzleD1Database, owner: HistoryOwner, json: string) {
  // Bytes cross as hex: D1 sends each byte of a BLOB as a JSON number.
  return db.insert(bucket).select(sql`
    SELECT ${owner.tenant}, value->>0, value->>1, ${nodeId(owner.service)},
      value->>2, value->>3, value->>4, unhex(value->>5), unhex(value->>6)
    FROM json_each(${json}) WHERE true`).onConflictDoUpdate({
    target: [
      bucket.tenant,
      bucket.resolution,
      bucket.startS,
      bucket.service,
      bucket.part,
    ],
    set: {
      parts: sql`excluded.parts`,
      revision: sql`excluded.revision`,
      summary: sql`excluded.summary`,
      operations: sql`excluded.operations`,
    },
    setWhere: sql`excluded.revision >= ${bucket.revision}`,
  });
}

function insertHours(db: DrizzleD1Database, owner: HistoryOwner, json: string) {
  return db.insert(hourSeries).select(sql`
    SELECT ${owner.tenant}, ${nodeId(owner.service)}, value->>0, value->>1,
      value->>2
    FROM json_each(${json}) WHERE true`).onConflictDoUpdate({
    target: [hourSeries.tenant, hourSeries.service, hourSeries.startS],
    set: { revision: sql`excluded.revision`, body: sql`excluded.body` },
    setWhere: sql`excluded.revision >= ${hourSeries.revision}`,
  });
}

/** They are of no use without the minutes beside them. */
function deleteOldHours(
  db: DrizzleD1Database,
  owner: HistoryOwner,
  hours: readonly HourRow[],
) {
  const newestS = Math.max(...hours.map(({ startS }) => startS));
  return db.delete(hourSeries).where(and(
    eq(hourSeries.tenant, owner.tenant),
    eq(hourSeries.service, nodeId(owner.service)),
    lt(hourSeries.startS, newestS - HISTORY_RETENTION_S[MINUTE_S]),
  ));
}

function insertService(
  db: DrizzleD1Database,
  owner: HistoryOwner,
  seen: ServiceSeen,
) {
  return db.insert(service).values({
    tenant: owner.tenant,
    service: nodeId(owner.service),
    ...owner.service,
    ...seen,
  }).onConflictDoUpdate({
    target: [service.tenant, service.service],
    set: {
      traits: sql`${service.traits} | excluded.traits`,
      firstSeenMs: sql`min(${service.firstSeenMs}, excluded.first_seen_ms)`,
      lastSeenMs: sql`max(${service.lastSeenMs}, excluded.last_seen_ms)`,
    },
  });
}

/** Deletes windows of one service. @throws What D1 threw. */
export async function purgeHistory(
  database: D1Database,
  owner: HistoryOwner,
  purges: readonly Purge[],
): Promise<void> {
  // Each start by itself: a range would read the rows of all services.
  const statement = database.prepare(`
    DELETE FROM bucket WHERE tenant = ?1 AND service = ?2 AND resolution = ?3
      AND start_s IN (SELECT value FROM json_each(?4))`);
  const hours = database.prepare(`
    DELETE FROM hour_series WHERE tenant = ?1 AND service = ?2
      AND start_s IN (SELECT value FROM json_each(?3))`);
  const id = nodeId(owner.service);
  await database.batch(
    purges.flatMap(({ resolution, startsS }) => {
      const starts = JSON.stringify(startsS);
      return [
        statement.bind(owner.tenant, id, resolution, starts),
        ...(resolution === HOUR_S
          ? [hours.bind(owner.tenant, id, starts)]
          : []),
      ];
    }),
  );
}

function rowValues(row: HistoryRow): unknown[] {
  return [
    row.resolution,
    row.startS,
    row.part,
    row.parts,
    row.revision,
    row.summary.toHex(),
    row.operations.toHex(),
  ];
}

function hourValues({ startS, revision, body }: HourRow): unknown[] {
  return [startS, revision, body.toBase64()];
}

/** Rows as JSON lists, each as long as a statement may be. */
function packRows(rows: readonly unknown[][]): string[] {
  const packed: string[] = [];
  let json = "";
  for (const row of rows) {
    const values = JSON.stringify(row);
    if (
      json !== "" && json.length + values.length > MAX_STATEMENT_CHARACTERS
    ) {
      packed.push(`[${json}]`);
      json = "";
    }
    json += json === "" ? values : `,${values}`;
  }
  if (json !== "") packed.push(`[${json}]`);
  return packed;
}
