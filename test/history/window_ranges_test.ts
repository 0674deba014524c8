import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HISTORY_RETENTION_S, SETTLE_S } from "../../src/history/retention.ts";
import {
  DAY_S,
  HOUR_S,
  MINUTE_S,
  type WindowRange,
} from "../../src/history/window_range.ts";
import { planRanges } from "../../src/history/window_ranges.ts";

const NOW_S = 1_800_000_000;
const nowS = fc.integer({ min: NOW_S, max: NOW_S + 400 * DAY_S });
// Near now, near each limit of what is kept, and anywhere.
const ageS = fc.oneof(
  fc.integer({ min: -2 * HOUR_S, max: 3 * DAY_S }),
  ...Object.values(HISTORY_RETENTION_S).map((keptS) =>
    fc.integer({ min: keptS - 2 * DAY_S, max: keptS + 2 * DAY_S })
  ),
  fc.integer({ min: 0, max: 1000 * DAY_S }),
);
const spans = fc.tuple(nowS, ageS, ageS).map(([now, a, b]) => ({
  startS: now - Math.max(a, b),
  endS: now - Math.min(a, b),
  nowS: now,
}));

function windowStarts({ resolution, fromS, toS }: WindowRange): number[] {
  const count = Math.ceil((toS - fromS) / resolution);
  return Array.from({ length: count }, (_, at) => fromS + at * resolution);
}

// The first instant from which on nothing of this resolution was deleted.
function keptFromS(resolution: keyof typeof HISTORY_RETENTION_S, now: number) {
  const unitS = resolution === MINUTE_S ? HOUR_S : DAY_S;
  return Math.ceil((now - HISTORY_RETENTION_S[resolution]) / unitS) * unitS;
}

test("planRanges() covers every minute exactly once", () => {
  fc.assert(
    fc.property(spans, ({ startS, endS, nowS: now }) => {
      const plan = planRanges(startS, endS, now);
      let atS = plan.startS;
      for (const range of plan.ranges) {
        expect(range.fromS).toBe(atS);
        expect(range.toS).toBeGreaterThan(range.fromS);
        expect(range.fromS % range.resolution).toBe(0);
        expect(range.toS % range.resolution).toBe(0);
        atS = range.toS;
      }
      expect(atS).toBe(plan.endS);
    }),
    { numRuns: 2000 },
  );
});

test("planRanges() reads only windows that are kept and have ended", () => {
  fc.assert(
    fc.property(spans, ({ startS, endS, nowS: now }) => {
      for (const range of planRanges(startS, endS, now).ranges) {
        expect(range.fromS).toBeGreaterThanOrEqual(
          keptFromS(range.resolution, now),
        );
        if (range.resolution === MINUTE_S) continue;
        expect(range.toS).toBeLessThanOrEqual(now - SETTLE_S);
      }
    }),
    { numRuns: 2000 },
  );
});

test("planRanges() widens only to the finest windows that are kept", () => {
  fc.assert(
    fc.property(spans, ({ startS, endS, nowS: now }) => {
      const plan = planRanges(startS, endS, now);
      const oldestS = keptFromS(DAY_S, now);
      function unitAt(timeS: number): number {
        if (timeS >= keptFromS(MINUTE_S, now)) return MINUTE_S;
        return timeS >= keptFromS(HOUR_S, now) ? HOUR_S : DAY_S;
      }
      const from = Math.max(startS, oldestS);
      const to = Math.max(endS, oldestS);
      expect(plan.startS).toBeLessThanOrEqual(from);
      expect(plan.startS).toBeGreaterThan(from - unitAt(from));
      expect(plan.endS).toBeGreaterThanOrEqual(to);
      expect(plan.endS).toBeLessThan(to + unitAt(to));
    }),
    { numRuns: 2000 },
  );
});

test("planRanges() leaves no finer windows where a coarser one fits", () => {
  fc.assert(
    fc.property(spans, ({ startS, endS, nowS: now }) => {
      const plan = planRanges(startS, endS, now);
      for (const range of plan.ranges) {
        if (range.resolution === DAY_S) continue;
        const coarserS = range.resolution === MINUTE_S ? HOUR_S : DAY_S;
        // Far ends are bounded by what has ended.
        const lastS = Math.min(range.toS, now - SETTLE_S);
        const firstS = Math.ceil(range.fromS / coarserS) * coarserS;
        expect(firstS + coarserS).toBeGreaterThan(lastS);
      }
    }),
    { numRuns: 2000 },
  );
});

test("planRanges() is a brute force's plan, minute by minute", () => {
  fc.assert(
    fc.property(
      nowS,
      fc.integer({ min: 0, max: 3 * DAY_S }),
      fc.integer({ min: 0, max: 3 * DAY_S }),
      (now, ageOfEnd, length) => {
        const plan = planRanges(now - ageOfEnd - length, now - ageOfEnd, now);
        const covered = new Map<number, number>();
        for (const range of plan.ranges) {
          for (const startS of windowStarts(range)) {
            for (let at = 0; at < range.resolution; at += MINUTE_S) {
              const seen = covered.get(startS + at) ?? 0;
              covered.set(startS + at, seen + 1);
            }
          }
        }
        for (let at = plan.startS; at < plan.endS; at += MINUTE_S) {
          expect(covered.get(at)).toBe(1);
          covered.delete(at);
        }
        expect(covered.size).toBe(0);
      },
    ),
    { numRuns: 50 },
  );
});

test("planRanges() reads an hour as one from SETTLE_S after its end", () => {
  const hourS = NOW_S - NOW_S % HOUR_S;
  function resolutions(now: number): number[] {
    return planRanges(hourS, hourS + HOUR_S, now).ranges
      .map((range) => range.resolution);
  }
  expect(resolutions(hourS + HOUR_S + SETTLE_S - 1)).toEqual([MINUTE_S]);
  expect(resolutions(hourS + HOUR_S + SETTLE_S)).toEqual([HOUR_S]);
});

test("planRanges() has nothing for a time that is not kept", () => {
  const plan = planRanges(0, 1000, NOW_S);
  expect(plan.ranges).toEqual([]);
  expect(plan.endS).toBe(plan.startS);
});
