const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;
const FRACTION_DIGITS = 9;

/**
 * A moment as RFC 3339 with nine digits behind the seconds, so that no
 * nanosecond is lost and texts sort as times do.
 *
 * @param ns Since the epoch, 0 or more.
 *
 * @example
 * ```ts
 * import { nsTimeText } from "../src/trace_view/ns_time_text.ts";
 *
 * expect(nsTimeText(1_700_000_000_000_000_001n))
 *   .toBe("2023-11-14T22:13:20.000000001Z");
 * ```
 */
export function nsTimeText(ns: bigint): string {
  const seconds = new Date(Number(ns / NS_PER_MS)).toISOString().slice(0, 19);
  const fraction = String(ns % NS_PER_S).padStart(FRACTION_DIGITS, "0");
  return `${seconds}.${fraction}Z`;
}
