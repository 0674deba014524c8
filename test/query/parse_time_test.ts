import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTime, timeMs } from "../../src/query/parse_time.ts";

const NOW_MS = Date.parse("2026-11-22T12:00:00Z");

test.each([
  ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"],
  ["2026-01-31t12:00:00z", "2026-01-31T12:00:00.000Z"],
  ["2026-01-31 12:00:00Z", "2026-01-31T12:00:00.000Z"],
  ["2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123Z"],
  ["2026-01-31T12:00:00+09:00", "2026-01-31T03:00:00.000Z"],
  ["2026-01-31T12:00:00 09:00", "2026-01-31T03:00:00.000Z"],
  ["2026-01-31T12:00:00-02:30", "2026-01-31T14:30:00.000Z"],
  ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ["1700000000", "2023-11-14T22:13:20.000Z"],
  ["1700000000.5", "2023-11-14T22:13:20.500Z"],
  ["1700000000123", "2023-11-14T22:13:20.123Z"],
  ["0", "1970-01-01T00:00:00.000Z"],
  ["99999999999", "5138-11-16T09:46:39.000Z"],
  ["100000000000", "1973-03-03T09:46:40.000Z"],
  ["now", "2026-11-22T12:00:00.000Z"],
  ["0s", "2026-11-22T12:00:00.000Z"],
  ["90s", "2026-11-22T11:58:30.000Z"],
  ["15m", "2026-11-22T11:45:00.000Z"],
  ["1h30m", "2026-11-22T10:30:00.000Z"],
  ["2d", "2026-11-20T12:00:00.000Z"],
  ["1w", "2026-11-15T12:00:00.000Z"],
])("parseTime() reads %s", (text, expected) => {
  const time = parseTime(text);
  if (time === undefined) throw new Error(`"${text}" is not read`);
  expect(new Date(timeMs(time, NOW_MS)).toISOString()).toBe(expected);
});

test.each([
  "",
  " ",
  "yesterday",
  "-1h",
  "1.5h",
  "1y",
  "h",
  "1h ",
  "-5",
  "1e9",
  "0x10",
  "100000000000000",
  "1700000000123456789",
  "2026-01-31",
  "2026-01-31T12:00:00",
  "2026-02-30T12:00:00Z",
  "2025-02-29T12:00:00Z",
  "2026-13-01T12:00:00Z",
  "2026-01-31T24:00:00Z",
  "2026-01-31T12:60:00Z",
  "2026-01-31T12:00:00+25:00",
  "١٥m",
  "1h1h1h1h1h1h",
])("parseTime() refuses %j", (text) => {
  expect(parseTime(text)).toBeUndefined();
});

test("parseTime() reads every time that toISOString writes, to the millisecond", () => {
  fc.assert(fc.property(
    fc.date({
      min: new Date("0000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    }),
    (date) => {
      expect(parseTime(date.toISOString()))
        .toEqual({ kind: "at", ms: date.getTime() });
    },
  ));
});

test("parseTime() never throws, and a time it reads is a date or long ago", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const time = parseTime(text);
    if (time !== undefined) expect(Number.isFinite(time.ms)).toBe(true);
  }));
});
