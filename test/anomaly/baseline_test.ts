import { expect, test } from "vitest";
import { LEARNING_MINUTES } from "../../src/anomaly/anomaly_limits.ts";
import {
  type Baseline,
  emptyBaseline,
  expected,
  learned,
  REMEMBERED_HOURS,
} from "../../src/anomaly/baseline.ts";

const DAY = 1440;

/** Learns minutes, each of the value of a function. */
function learnedOf(
  value: (minute: number) => number,
  { from = 0, to }: { readonly from?: number; readonly to: number },
  start: Baseline = emptyBaseline(),
): Baseline {
  let baseline = start;
  for (let minute = from; minute < to; minute++) {
    baseline = learned(baseline, "level", { minute, value: value(minute) });
  }
  return baseline;
}

test("expected() knows nothing before LEARNING_MINUTES", () => {
  const young = learnedOf(() => 5, { to: LEARNING_MINUTES - 1 });
  expect(expected(young, "level", LEARNING_MINUTES)).toBe(null);
  const known = learnedOf(() => 5, { to: LEARNING_MINUTES });
  expect(expected(known, "level", LEARNING_MINUTES)).toEqual({
    high: 5,
    low: 5,
    spread: 0,
    source: "day",
  });
});

test("expected() is between the day so far and the last hour on the first day", () => {
  const baseline = learnedOf((minute) => minute < 300 ? 10 : 4, { to: 360 });
  expect(expected(baseline, "level", 360)).toMatchObject({ high: 10, low: 4 });
});

test("expected() is the median of the same hour of a week, on a line from hour to hour", () => {
  // A level that grows by 1 an hour and is the same each day, but for one.
  const value = (minute: number) =>
    Math.floor(minute / DAY) === 3 ? 1000 : Math.floor(minute / 60) % 24;
  const baseline = learnedOf(value, { to: 7 * DAY });
  for (const [minute, level] of [[30, 9.5 + 0.5], [0, 9.5], [59, 10.5]]) {
    const seen = expected(baseline, "level", 7 * DAY + 600 + (minute ?? 0));
    expect(seen?.source).toBe("same_hour");
    expect(seen?.high).toBeCloseTo(level ?? 0, 1);
    expect(seen?.low).toBe(seen?.high);
  }
});

test("expected() forgets an hour after a week without it", () => {
  const baseline = learnedOf(() => 5, { to: 120 });
  const hour = REMEMBERED_HOURS;
  const later = learnedOf(
    () => 7,
    { from: hour * 60 + 90, to: hour * 60 + 91 },
    baseline,
  );
  expect([...later.hours].filter((level) => !Number.isNaN(level))).toEqual([5]);
  const much = learnedOf(() => 7, {
    from: 3 * hour * 60,
    to: 3 * hour * 60 + 1,
  }, baseline);
  expect([...much.hours].filter((level) => !Number.isNaN(level))).toEqual([5]);
});

test("a share is that of all requests of the hour, and its spread what chance does not do", () => {
  let baseline = emptyBaseline();
  for (let minute = 0; minute < LEARNING_MINUTES; minute++) {
    const value = minute % 10 === 0 ? 20 : 0;
    baseline = learned(baseline, "share", { minute, value, weight: 100 });
  }
  const seen = expected(baseline, "share", LEARNING_MINUTES);
  expect(seen?.high).toBeCloseTo(0.02, 3);
  // Mean 2, variance 36.
  expect(seen?.spread).toBeCloseTo(18, 3);
});
