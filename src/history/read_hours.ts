/// <reference lib="esnext.typedarrays" />
import { and, eq, gte, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { hourSeries } from "./schema.ts";

/** Which hours are read. */
export interface HoursRequest {
  readonly tenant: string;
  /** `nodeId` of each service. */
  readonly services: readonly string[];
  /** Whole hours, s since the epoch; `toS` is the first that is left out. */
  readonly fromS: number;
  readonly toS: number;
}

/** An hour of a service as D1 has it. */
export interface StoredHour {
  /** `nodeId`. */
  readonly service: string;
  /** s since the epoch. */
  readonly startS: number;
  /** As `encodeHourSeries` made it. */
  readonly body: Uint8Array;
}

/**
 * The hours that D1 has minute by minute, in no order: of the others, minutes
 * are to be read.
 *
 * @throws What D1 threw.
 */
export async function readHours(
  database: D1Database,
  { tenant, services, fromS, toS }: HoursRequest,
): Promise<StoredHour[]> {
  const rows = await drizzle(database).select({
    service: hourSeries.service,
    startS: hourSeries.startS,
    body: hourSeries.body,
  }).from(hourSeries).where(and(
    eq(hourSeries.tenant, tenant),
    sql`${hourSeries.service} IN (SELECT value FROM json_each(${
      JSON.stringify(services)
    }))`,
    gte(hourSeries.startS, fromS),
    lt(hourSeries.startS, toS),
  ));
  return rows.filter(({ body }) => body !== "")
    .map((row) => ({ ...row, body: Uint8Array.fromBase64(row.body) }));
}
