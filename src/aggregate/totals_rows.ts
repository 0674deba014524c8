import { joinBytes } from "../codec/join_bytes.ts";
import type { ServiceTotals } from "../service_metrics/service_totals.ts";
import { decodeTotals, encodeTotals } from "../service_metrics/totals_codec.ts";
import { blobParts } from "../storage/blob_parts.ts";

/** The totals on disk; null where there are none yet. */
export function readTotals(
  sql: SqlStorage,
  bounds: readonly number[],
): ServiceTotals | null {
  const rows = sql.exec<{ parts: number; body: ArrayBuffer }>(
    "SELECT parts, body FROM totals ORDER BY part",
  ).toArray();
  // Totals that had more rows before leave them behind.
  const parts = rows.slice(0, rows[0]?.parts ?? 0)
    .map(({ body }) => new Uint8Array(body));
  return parts.length === 0 ? null : decodeTotals(joinBytes(parts), bounds);
}

/** Puts the totals on disk: nearly always one row. */
export function writeTotals(sql: SqlStorage, totals: ServiceTotals): void {
  const parts = blobParts(encodeTotals(totals));
  for (const [part, body] of parts.entries()) {
    sql.exec(
      `INSERT INTO totals (part, parts, body) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET parts = excluded.parts, body = excluded.body`,
      part,
      parts.length,
      body,
    );
  }
}
