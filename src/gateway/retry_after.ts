/** The longest wait that is told to a client, s: more would be given up on. */
export const MAX_RETRY_S = 3600;

/**
 * What a `Retry-After` header asks for, in whole seconds from now, at most
 * MAX_RETRY_S; null where there is none, or none that can be read.
 *
 * @example
 * ```ts
 * import { retryAfterS } from "../src/gateway/retry_after.ts";
 *
 * expect(retryAfterS("7", 0)).toBe(7);
 * expect(retryAfterS("Thu, 01 Jan 1970 00:00:09 GMT", 2_500)).toBe(7);
 * expect(retryAfterS("soon", 0)).toBe(null);
 * ```
 */
export function retryAfterS(
  header: string | undefined,
  nowMs: number,
): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_RETRY_S);
  const atMs = Date.parse(text);
  if (!/[a-z]/i.test(text) || Number.isNaN(atMs)) return null;
  const seconds = Math.max(0, Math.ceil((atMs - nowMs) / 1000));
  return Math.min(seconds, MAX_RETRY_S);
}
