import { and, asc, eq, isNull, type SQL, sql } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import type { AccessKey } from "./access_key.ts";
import type { KeyLimits } from "./caller.ts";
import { accessKey, keyOrigin } from "./key_schema.ts";

/** The most keys of a tenant, those that can be used no more included. */
export const MAX_KEYS_PER_TENANT = 1000;

/** What of a key can be changed. */
export type KeyChanges = Partial<KeyLimits & Pick<AccessKey, "name">>;

/**
 * Stores a new key. Where the tenant has MAX_KEYS_PER_TENANT, the one that has
 * been expired or revoked for longest makes room.
 *
 * @returns false where all of the tenant's keys are in use.
 * @throws What D1 threw.
 */
export async function insertKey(
  database: D1Database,
  key: AccessKey,
): Promise<boolean> {
  const db = drizzle(database);
  const [, , inserted] = await db.batch([
    ...makeRoom(db, key),
    insertIf(db, key, hasRoom(key.tenant)),
    insertOrigins(db, key.id),
  ]);
  return inserted.meta.changes > 0;
}

/**
 * Stores a key that takes the place of another, which expires at `untilMs`
 * unless it does so earlier.
 *
 * @returns false where there is no room, or the other is in use no more.
 * @throws What D1 threw: nothing has changed then.
 */
export async function replaceKey(
  database: D1Database,
  key: AccessKey,
  { previous, untilMs }: {
    readonly previous: string;
    readonly untilMs: number;
  },
): Promise<boolean> {
  const db = drizzle(database);
  const alive = sql`EXISTS (SELECT 1 FROM ${accessKey} WHERE id = ${previous}
    AND NOT ${ended(key.createdMs)})`;
  const [, , inserted] = await db.batch([
    ...makeRoom(db, key),
    insertIf(db, key, sql`${hasRoom(key.tenant)} AND ${alive}`),
    insertOrigins(db, key.id),
    db.update(accessKey).set({
      expiresMs: sql`min(coalesce(expires_ms, ${untilMs}), ${untilMs})`,
    }).where(and(
      eq(accessKey.id, previous),
      sql`EXISTS (SELECT 1 FROM ${accessKey} WHERE id = ${key.id})`,
    )),
  ]);
  return inserted.meta.changes > 0;
}

/** A key by its public part. @throws What D1 threw. */
export async function readKey(
  database: D1Database,
  id: string,
): Promise<AccessKey | null> {
  const [row] = await drizzle(database).select().from(accessKey)
    .where(eq(accessKey.id, id));
  return row === undefined ? null : fromRow(row);
}

/** All keys of a tenant, the oldest first. @throws What D1 threw. */
export async function listKeys(
  database: D1Database,
  tenant: string,
): Promise<AccessKey[]> {
  const rows = await drizzle(database).select().from(accessKey)
    .where(eq(accessKey.tenant, tenant))
    .orderBy(asc(accessKey.createdMs), asc(accessKey.id))
    .limit(MAX_KEYS_PER_TENANT);
  return rows.map(fromRow);
}

/** Changes a key's name and limits. @throws What D1 threw. */
export async function changeKey(
  database: D1Database,
  id: string,
  changes: KeyChanges,
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  const db = drizzle(database);
  await db.batch([
    db.update(accessKey).set(changes).where(eq(accessKey.id, id)),
    db.delete(keyOrigin).where(eq(keyOrigin.key, id)),
    insertOrigins(db, id),
  ]);
}

/** Ends a key's use for good; the first time counts. @throws What D1 threw. */
export async function revokeKey(
  database: D1Database,
  id: string,
  nowMs: number,
): Promise<void> {
  await drizzle(database).update(accessKey).set({ revokedMs: nowMs })
    .where(and(eq(accessKey.id, id), isNull(accessKey.revokedMs)));
}

/**
 * Whether a key in use that may post names an origin.
 *
 * @throws What D1 threw.
 */
export async function originIsNamed(
  database: D1Database,
  origin: string,
  nowMs: number,
): Promise<boolean> {
  const rows = await drizzle(database).select({ id: accessKey.id })
    .from(keyOrigin).innerJoin(accessKey, eq(accessKey.id, keyOrigin.key))
    .where(and(
      eq(keyOrigin.origin, origin),
      sql`${accessKey.scope} <> 'read'`,
      sql`NOT ${ended(nowMs)}`,
    )).limit(1);
  return rows.length > 0;
}

function makeRoom(db: DrizzleD1Database, key: AccessKey) {
  return [
    db.delete(accessKey).where(sql`id IN (
      SELECT id FROM ${accessKey} WHERE tenant = ${key.tenant}
        AND ${ended(key.createdMs)}
      ORDER BY coalesce(revoked_ms, expires_ms) LIMIT max(0, 1 - ${MAX_KEYS_PER_TENANT}
        + (SELECT count(*) FROM ${accessKey} WHERE tenant = ${key.tenant})))`),
    db.delete(keyOrigin).where(
      sql`key NOT IN (SELECT id FROM ${accessKey})`,
    ),
  ] as const;
}

function insertIf(db: DrizzleD1Database, key: AccessKey, condition: SQL) {
  const { limits } = key;
  return db.insert(accessKey).select(sql`SELECT ${key.id}, ${key.tenant},
    ${key.name}, ${key.scope}, ${key.hash}, ${key.createdMs}, ${key.expiresMs},
    ${key.revokedMs}, ${asJson(limits.origins)}, ${asJson(limits.services)},
    ${limits.requestsPerSecond}, ${limits.spansPerSecond}, ${limits.bodyBytes},
    ${limits.maxServices} WHERE ${condition}`);
}

function insertOrigins(db: DrizzleD1Database, id: string) {
  return db.insert(keyOrigin).select(sql`
    SELECT DISTINCT value, ${accessKey.id}
    FROM ${accessKey}, json_each(${accessKey.origins})
    WHERE ${accessKey.id} = ${id}`);
}

function hasRoom(tenant: string): SQL {
  return sql`(SELECT count(*) FROM ${accessKey} WHERE tenant = ${tenant})
    < ${MAX_KEYS_PER_TENANT}`;
}

function ended(nowMs: number): SQL {
  return sql`(revoked_ms IS NOT NULL OR coalesce(expires_ms <= ${nowMs}, 0))`;
}

function asJson(list: readonly string[] | null): string | null {
  return list === null ? null : JSON.stringify(list);
}

function fromRow(row: typeof accessKey.$inferSelect): AccessKey {
  const {
    origins,
    services,
    requestsPerSecond,
    spansPerSecond,
    bodyBytes,
    maxServices,
    ...key
  } = row;
  const limits = {
    origins,
    services,
    requestsPerSecond,
    spansPerSecond,
    bodyBytes,
    maxServices,
  };
  return { ...key, limits };
}
