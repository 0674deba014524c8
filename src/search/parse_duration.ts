const NS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  "µs": 1e3,
  "μs": 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
  d: 8.64e13,
  w: 6.048e14,
};

const DURATION = /^(?:\d{1,16}(?:\.\d{1,9})?(?:ns|us|µs|μs|ms|[smhdw])){1,8}$/;

/** What a duration may be, for the one who sent something else. */
export const DURATION_FORMATS = 'a duration like "250ms", "1.5s" or "1h2m"';

/**
 * Reads a duration as Go writes it, with days and weeks beside: numbers with
 * units, which add up.
 *
 * @returns ns, a whole number; undefined where it is none, or none of which a
 *   nanosecond can be told (104 days).
 *
 * @example
 * ```ts
 * import { parseDuration } from "../src/search/parse_duration.ts";
 *
 * expect(parseDuration("1.5s")).toBe(1_500_000_000);
 * expect(parseDuration("1h2m")).toBe(3_720_000_000_000);
 * expect(parseDuration("fast")).toBe(undefined);
 * ```
 */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let ns = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)([^\d.]+)/g)) {
    ns += Math.round(Number(count) * (NS_PER_UNIT[unit ?? ""] ?? 0));
  }
  return Number.isSafeInteger(ns) ? ns : undefined;
}
