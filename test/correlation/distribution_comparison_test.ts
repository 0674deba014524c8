import fc from "fast-check";
import { expect, test } from "vitest";
import {
  distributionComparison,
  distributionComparisonSchema,
} from "../../src/correlation_report/distribution_comparison.ts";
import { Histogram } from "../../src/map/histogram.ts";

function requests(durations: readonly number[], failed: number) {
  const duration = new Histogram();
  for (const ns of durations) duration.record(ns, 1);
  return { duration, failed: Math.min(failed, durations.length) };
}

const side = fc.record({
  durations: fc.array(fc.integer({ min: 1e5, max: 6e9 }), { maxLength: 40 }),
  failed: fc.nat(40),
}).map(({ durations, failed }) => requests(durations, failed));

test("distributionComparison() answers its schema, and turns about with its sides", () => {
  fc.assert(fc.property(side, side, (before, after) => {
    const there = distributionComparisonSchema.parse(
      distributionComparison(before, after),
    );
    const back = distributionComparison(after, before);
    if (there.shift === null || back.shift === null) {
      expect([there.slower, there.distance, back.shift])
        .toEqual([null, null, null]);
      return;
    }
    expect(Math.log2(1 + there.shift) + Math.log2(1 + back.shift))
      .toBeCloseTo(0, 9);
    expect(there.distance).toBeCloseTo(back.distance ?? -1, 6);
    expect((there.slower ?? 0) + (back.slower ?? 0)).toBeCloseTo(1, 10);
    expect((there.distance ?? 0) + 1e-9)
      .toBeGreaterThanOrEqual(Math.max(there.shift, back.shift));
  }));
});

test("distributionComparison() tells more failures from chance", () => {
  const of = (failed: number) =>
    requests(new Array<number>(300).fill(1e6), failed);
  expect(distributionComparison(of(3), of(30)).failures_p).toBeLessThan(1e-5);
  expect(distributionComparison(of(3), of(3)).failures_p)
    .toBeGreaterThan(0.5);
  expect(distributionComparison(of(30), of(3)).failures_p)
    .toBeGreaterThan(0.99);
});
