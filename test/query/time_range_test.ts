import { expect, test } from "vitest";
import {
  DEFAULT_RANGE_MS,
  MAX_RANGE_DAYS,
  timeRange,
} from "../../src/query/time_range.ts";

const NOW_MS = Date.parse("2026-11-22T12:00:00Z");
const DAY_MS = 86_400_000;

function at(ms: number): { kind: "at"; ms: number } {
  return { kind: "at", ms };
}

/** The parameters that are at fault. */
function wrong(asked: Parameters<typeof timeRange>[0]): string[] {
  const result = timeRange(asked, NOW_MS);
  return result.ok ? [] : result.problems.map(({ parameter }) => parameter);
}

test("timeRange() is the last five minutes where nothing is said", () => {
  expect(timeRange({}, NOW_MS)).toEqual({
    ok: true,
    range: { startMs: NOW_MS - DEFAULT_RANGE_MS, endMs: NOW_MS },
  });
  expect(DEFAULT_RANGE_MS).toBe(5 * 60_000);
});

test("timeRange() ends now where only the start is said", () => {
  const startMs = NOW_MS - 7_000_000;
  expect(timeRange({ start: at(startMs) }, NOW_MS))
    .toEqual({ ok: true, range: { startMs, endMs: NOW_MS } });
});

test("timeRange() starts five minutes before an end alone", () => {
  const endMs = NOW_MS - DAY_MS;
  expect(timeRange({ end: at(endMs) }, NOW_MS)).toEqual({
    ok: true,
    range: { startMs: endMs - DEFAULT_RANGE_MS, endMs },
  });
});

test("timeRange() may end in the future, and must start before now", () => {
  const end = at(NOW_MS + DAY_MS);
  expect(wrong({ start: at(NOW_MS - 1), end })).toEqual([]);
  expect(wrong({ start: at(NOW_MS), end })).toEqual(["start"]);
  expect(wrong({ start: at(NOW_MS + 1), end })).toEqual(["start"]);
});

test("timeRange() blames the end alone where it puts the start in the future", () => {
  expect(wrong({ end: at(NOW_MS + DEFAULT_RANGE_MS - 1) })).toEqual([]);
  expect(wrong({ end: at(NOW_MS + DEFAULT_RANGE_MS) })).toEqual(["end"]);
});

test("timeRange() must end after it starts", () => {
  const start = at(NOW_MS - DAY_MS);
  expect(wrong({ start, end: at(start.ms + 1) })).toEqual([]);
  expect(wrong({ start, end: at(start.ms) })).toEqual(["end"]);
  expect(wrong({ start, end: at(start.ms - 1) })).toEqual(["end"]);
});

test("timeRange() is at most two years long", () => {
  const longest = MAX_RANGE_DAYS * DAY_MS;
  expect(wrong({ start: at(NOW_MS - longest) })).toEqual([]);
  expect(wrong({ start: at(NOW_MS - longest - 1) })).toEqual(["start"]);
  expect(wrong({
    start: at(Date.parse("2024-01-01T00:00:00Z")),
    end: at(Date.parse("2026-01-01T00:00:00Z")),
  })).toEqual([]);
});

test("timeRange() names a start that no calendar reaches", () => {
  expect(wrong({ start: { kind: "ago", ms: 1e18 } })).toEqual(["start"]);
});

test("timeRange() says the value and what is allowed", () => {
  const result = timeRange({
    start: at(NOW_MS - DAY_MS),
    end: at(NOW_MS - 2 * DAY_MS),
  }, NOW_MS);
  expect(result).toEqual({
    ok: false,
    problems: [{
      parameter: "end",
      value: "2026-11-20T12:00:00.000Z",
      problem: "must be after start, which is 2026-11-21T12:00:00.000Z",
    }],
  });
});
