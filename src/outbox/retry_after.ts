/** The longest wait that a target can ask for: 10 minutes, in ms. */
export const MAX_RETRY_AFTER_MS = 600_000;

/**
 * Reads `Retry-After`: seconds, or a date of HTTP.
 *
 * @param nowMs Now, ms since the epoch.
 * @returns ms from now, 0 to `MAX_RETRY_AFTER_MS`; null where there is none or
 *   it cannot be read.
 *
 * @example Seconds and a date
 * ```ts
 * import { retryAfterMs } from "../src/outbox/retry_after.ts";
 *
 * expect(retryAfterMs("120", 0)).toBe(120_000);
 * expect(retryAfterMs("Thu, 01 Jan 1970 00:00:05 GMT", 2000)).toBe(3000);
 * expect(retryAfterMs("soon", 0)).toBe(null);
 * ```
 */
export function retryAfterMs(
  header: string | null,
  nowMs: number,
): number | null {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return bounded(Number(text) * 1000);
  // Without its weekday and zone, Date.parse() would take almost any text.
  if (!/^[A-Z][a-z]+, .* GMT$/.test(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : bounded(atMs - nowMs);
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
