/// <reference lib="esnext.typedarrays" />
import { and, asc, eq, gte, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { EncodedWindow } from "../map/service_window_codec.ts";
import { bucket } from "./schema.ts";
import { joinParts } from "./window_parts.ts";
import type { WindowKey, WindowRange } from "./window_range.ts";

/** Bytes of windows that one query brings, about. */
export const HISTORY_PAGE_BYTES = 4 * 1024 * 1024;
/** Rows of the first query, whose size nobody knows yet. */
export const FIRST_PAGE_ROWS = 64;
/** The most rows of one query. */
export const MAX_PAGE_ROWS = 2000;

/** What is read from D1. */
export interface HistoryRequest {
  readonly tenant: string;
  /** `nodeId` of each service. */
  readonly services: readonly string[];
  readonly range: WindowRange;
  /** Whether the operations are wanted. */
  readonly operations: boolean;
}

/** A window as D1 has it. */
export interface StoredWindow extends WindowKey {
  /** `nodeId`. */
  readonly service: string;
  /** Without operations where they were not asked for. */
  readonly encoded: EncodedWindow | Pick<EncodedWindow, "summary">;
}

interface Row {
  readonly startS: number;
  readonly service: string;
  readonly part: number;
  readonly parts: number;
  readonly summary: string;
  readonly operations: string | null;
}

interface Cursor {
  readonly startS: number;
  readonly service: string;
  readonly rows: number;
}

/**
 * The windows of a range, in order of time, a bounded number at a time.
 *
 * @throws What D1 threw.
 */
export async function* readHistory(
  database: D1Database,
  request: HistoryRequest,
): AsyncGenerator<StoredWindow> {
  let cursor: Cursor | null = {
    startS: request.range.fromS,
    service: "",
    rows: FIRST_PAGE_ROWS,
  };
  while (cursor !== null) {
    const rows: readonly Row[] = await readPage(database, request, cursor);
    const windows = completeWindows(rows, request);
    yield* windows;
    const last: boolean = rows.length < cursor.rows;
    if (last) refuseTorn(rows, windows);
    cursor = last ? null : nextCursor(cursor, rows, windows);
  }
}

function readPage(
  database: D1Database,
  request: HistoryRequest,
  cursor: Cursor,
): Promise<Row[]> {
  const { range } = request;
  const services = JSON.stringify(request.services);
  return drizzle(database).select({
    startS: bucket.startS,
    service: bucket.service,
    part: bucket.part,
    parts: bucket.parts,
    // As hex: D1 sends each byte of a BLOB as a JSON number.
    summary: sql<string>`hex(${bucket.summary})`,
    operations: request.operations
      ? sql<string>`hex(${bucket.operations})`
      : sql<null>`NULL`,
  }).from(bucket).where(and(
    eq(bucket.tenant, request.tenant),
    eq(bucket.resolution, range.resolution),
    gte(bucket.startS, cursor.startS),
    lt(bucket.startS, range.toS),
    sql`(${bucket.startS}, ${bucket.service}) > (${cursor.startS}, ${cursor.service})`,
    sql`${bucket.service} IN (SELECT value FROM json_each(${services}))`,
  )).orderBy(asc(bucket.startS), asc(bucket.service), asc(bucket.part))
    .limit(cursor.rows);
}

// A page can end in the middle of a window: that one is read again.
function completeWindows(
  rows: readonly Row[],
  request: HistoryRequest,
): StoredWindow[] {
  const windows: StoredWindow[] = [];
  for (let at = 0; at < rows.length; at++) {
    const first = rows[at];
    if (first === undefined || first.part !== 0) continue;
    const parts = rows.slice(at, at + first.parts);
    if (parts.length < first.parts) break;
    windows.push({
      resolution: request.range.resolution,
      startS: first.startS,
      service: first.service,
      encoded: decodeParts(parts, request.operations),
    });
  }
  return windows;
}

function refuseTorn(
  rows: readonly Row[],
  windows: readonly StoredWindow[],
): void {
  const begun = rows.findLast((row) => row.part === 0);
  const whole = windows.at(-1);
  if (begun === undefined) return;
  if (begun.startS === whole?.startS && begun.service === whole.service) return;
  throw new RangeError(
    `Cannot read the window of "${begun.service}" at ${begun.startS}: ` +
      `It has fewer than its ${begun.parts} rows`,
  );
}

function decodeParts(
  parts: readonly Row[],
  operations: boolean,
): StoredWindow["encoded"] {
  const joined = joinParts(parts.map((part) => ({
    summary: Uint8Array.fromHex(part.summary),
    operations: Uint8Array.fromHex(part.operations ?? ""),
  })));
  return operations ? joined : { summary: joined.summary };
}

function nextCursor(
  cursor: Cursor,
  rows: readonly Row[],
  windows: readonly StoredWindow[],
): Cursor {
  const last = windows.at(-1);
  // Not one whole window: its rows are more than were asked for.
  if (last === undefined) {
    return { ...cursor, rows: Math.max(cursor.rows * 2, rows[0]?.parts ?? 0) };
  }
  const bytes = rows.reduce(
    (sum, row) => sum + row.summary.length + (row.operations?.length ?? 0),
    0,
  ) / 2;
  const fitting = Math.floor(HISTORY_PAGE_BYTES * rows.length / (bytes + 1));
  return {
    startS: last.startS,
    service: last.service,
    rows: Math.max(1, Math.min(fitting, MAX_PAGE_ROWS)),
  };
}
