/// <reference lib="esnext.typedarrays" />
import { sql } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { nodeId } from "../map/node_identity.ts";
import type { HistoryOwner, HistoryRow, ServiceSeen } from "./history_row.ts";
import { bucket, service } from "./schema.ts";
import type { Resolution } from "./window_range.ts";

/** Characters of one statement's JSON; D1 takes 2 MB. */
export const MAX_STATEMENT_CHARACTERS = 1_500_000;

/** What is written together. */
export interface HistoryWrite {
  /** All rows of each window; there is at least one. */
  readonly rows: readonly HistoryRow[];
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
  { rows, seen }: HistoryWrite,
): Promise<void> {
  const db = drizzle(database);
  const [first, ...others] = [
    ...packRows(rows).map((json) => insertRows(db, owner, json)),
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
  const id = nodeId(owner.service);
  await database.batch(
    purges.map(({ resolution, startsS }) =>
      statement.bind(owner.tenant, id, resolution, JSON.stringify(startsS))
    ),
  );
}

function packRows(rows: readonly HistoryRow[]): string[] {
  const packed: string[] = [];
  let json = "";
  for (const row of rows) {
    const values = JSON.stringify([
      row.resolution,
      row.startS,
      row.part,
      row.parts,
      row.revision,
      row.summary.toHex(),
      row.operations.toHex(),
    ]);
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
