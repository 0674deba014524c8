import fc from "fast-check";
import { expect, test } from "vitest";
import { answerPlan, OPEN_WINDOW_LEAD_S } from "../../src/query/answer_plan.ts";

const NOW_MS = Date.parse("2026-11-22T12:00:30.500Z");
const DAY_MS = 86_400_000;

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

test("answerPlan() starts at a whole minute, and ends now where it is open", () => {
  const plan = answerPlan(
    { startMs: NOW_MS - 300_000, endMs: NOW_MS },
    NOW_MS,
  );
  expect(iso(plan.window.startMs)).toBe("2026-11-22T11:55:00.000Z");
  expect(plan.window.endMs).toBe(NOW_MS);
  expect(plan.window.warnings).toEqual([]);
});

test("answerPlan() ends at a whole minute where that is over", () => {
  const plan = answerPlan({
    startMs: Date.parse("2026-11-22T11:00:10Z"),
    endMs: Date.parse("2026-11-22T11:30:10Z"),
  }, NOW_MS);
  expect(iso(plan.window.startMs)).toBe("2026-11-22T11:00:00.000Z");
  expect(iso(plan.window.endMs)).toBe("2026-11-22T11:31:00.000Z");
});

test("answerPlan() reads the minute to come where the window is open", () => {
  for (const endMs of [NOW_MS, NOW_MS + DAY_MS]) {
    const { ranges } = answerPlan({ startMs: NOW_MS - 60_000, endMs }, NOW_MS);
    const last = Math.max(...ranges.map(({ toS }) => toS));
    expect(last * 1000).toBe(Date.parse("2026-11-22T12:02:00Z"));
    expect(last).toBeGreaterThan(NOW_MS / 1000 + OPEN_WINDOW_LEAD_S);
  }
  const { ranges } = answerPlan(
    { startMs: NOW_MS - 90_000, endMs: NOW_MS - 1 },
    NOW_MS,
  );
  expect(Math.max(...ranges.map(({ toS }) => toS)) * 1000)
    .toBe(Date.parse("2026-11-22T12:01:00Z"));
});

test("answerPlan() covers every window that is asked for, once", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 700 * DAY_MS }),
    fc.integer({ min: 1, max: 700 * DAY_MS }),
    (ago, length) => {
      const startMs = NOW_MS - ago;
      const endMs = startMs + length;
      const { window, ranges } = answerPlan({ startMs, endMs }, NOW_MS);
      expect(window.startMs).toBeLessThanOrEqual(startMs);
      expect(window.endMs).toBeGreaterThanOrEqual(Math.min(endMs, NOW_MS));
      expect(window.endMs).toBeLessThanOrEqual(NOW_MS);
      let at = window.startMs / 1000;
      for (const { fromS, toS } of ranges) {
        expect(fromS).toBe(at);
        at = toS;
      }
      expect(at * 1000).toBeGreaterThanOrEqual(window.endMs);
    },
  ));
});

test("answerPlan() warns where minutes are not kept any more", () => {
  const startMs = Date.parse("2026-10-01T11:20:00Z");
  const endMs = Date.parse("2026-10-02T11:20:00Z");
  const { window } = answerPlan({ startMs, endMs }, NOW_MS);
  expect(iso(window.startMs)).toBe("2026-10-01T11:00:00.000Z");
  expect(window.warnings).toEqual([
    "Minutes are kept for 7 days and hours for 90: the answer starts at " +
    "2026-10-01T11:00:00.000Z already",
    "Minutes are kept for 7 days and hours for 90: the answer ends at " +
    "2026-10-02T12:00:00.000Z only",
  ]);
});

test("answerPlan() warns where nothing is kept any more", () => {
  const { window } = answerPlan(
    { startMs: NOW_MS - 731 * DAY_MS, endMs: NOW_MS },
    NOW_MS,
  );
  expect(window.startMs).toBeGreaterThan(NOW_MS - 730 * DAY_MS);
  expect(window.warnings).toEqual([
    `What is older than 730 days is not kept: the answer starts at ${
      iso(window.startMs)
    }`,
  ]);
});

test("answerPlan() of a window that is wholly gone is empty, and says so", () => {
  const { window, ranges } = answerPlan(
    { startMs: NOW_MS - 900 * DAY_MS, endMs: NOW_MS - 800 * DAY_MS },
    NOW_MS,
  );
  expect(ranges).toEqual([]);
  expect(window.endMs).toBe(window.startMs);
  expect(window.warnings).toHaveLength(1);
  expect(window.warnings[0]).toContain("not kept");
});
