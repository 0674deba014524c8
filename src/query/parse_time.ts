/** A moment as a caller wrote it: fixed, or so long before the request. */
export type AskedTime =
  | { readonly kind: "at"; readonly ms: number }
  | { readonly kind: "ago"; readonly ms: number };

/** What a time parameter may be, for the one who sent something else. */
export const TIME_FORMATS =
  'an RFC 3339 time ("2026-01-31T12:00:00Z"), unix seconds or milliseconds, ' +
  '"now", or how long ago ("15m", "1h30m", "2d")';

// 1e11 s is the year 5138 and 1e11 ms is 1973: no time of ours is in doubt.
const FIRST_MILLISECONDS = 1e11;
const LAST_MILLISECONDS = 1e14;

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const RFC_3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)([Zz]|[+ -]\d{2}:\d{2})$/;
const UNIX = /^\d{1,14}(?:\.\d{1,9})?$/;
const AGO = /^(?:\d{1,9}[smhdw]){1,5}$/;

/**
 * Reads a time parameter: RFC 3339, unix seconds (fractions too) or
 * milliseconds, `now`, or a time ago in s, m, h, d and w.
 *
 * @param text The parameter, decoded. A `+` that the sender did not encode
 *   has become a space by then, and is read as the `+` it was.
 * @returns Undefined where it is none of them.
 *
 * @example
 * ```ts
 * import { parseTime } from "../src/query/parse_time.ts";
 *
 * expect(parseTime("1h30m")).toEqual({ kind: "ago", ms: 5_400_000 });
 * expect(parseTime("1700000000")).toEqual({ kind: "at", ms: 1_700_000_000_000 });
 * expect(parseTime("yesterday")).toBeUndefined();
 * ```
 */
export function parseTime(text: string): AskedTime | undefined {
  if (text === "now") return { kind: "ago", ms: 0 };
  if (AGO.test(text)) return { kind: "ago", ms: agoMs(text) };
  if (UNIX.test(text)) return unixTime(Number(text));
  return rfc3339Time(text);
}

/** The moment in ms since the epoch. */
export function timeMs(time: AskedTime, nowMs: number): number {
  return time.kind === "at" ? time.ms : nowMs - time.ms;
}

function agoMs(text: string): number {
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([smhdw])/g)) {
    ms += Number(count) * (MS_PER_UNIT[unit ?? ""] ?? 0);
  }
  return ms;
}

function unixTime(value: number): AskedTime | undefined {
  if (value >= LAST_MILLISECONDS) return undefined;
  const ms = value < FIRST_MILLISECONDS ? value * 1000 : value;
  return { kind: "at", ms: Math.round(ms) };
}

function rfc3339Time(text: string): AskedTime | undefined {
  const [, date, clock, offset] = RFC_3339.exec(text) ?? [];
  if (date === undefined || clock === undefined || offset === undefined) {
    return undefined;
  }
  // Date.parse takes February 30 for March 2, and 24:00 for the next day.
  const day = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== date) {
    return undefined;
  }
  if (clock.startsWith("24")) return undefined;
  const zone = offset.replace(" ", "+").toUpperCase();
  const ms = Date.parse(`${date}T${clock}${zone}`);
  return Number.isNaN(ms) ? undefined : { kind: "at", ms };
}
