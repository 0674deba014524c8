import fc from "fast-check";
import { expect, test } from "vitest";
import { Histogram } from "../../src/map/histogram.ts";
import {
  DEFAULT_GRAPH_BOUNDS,
  graphBounds,
  MAX_GRAPH_BOUNDS,
  SPAN_BOUNDS,
} from "../../src/service_metrics/bucket_bounds.ts";
import {
  blockLength,
  COUNT_UNITS,
  SUM_UNITS_PER_S,
  writeBlock,
} from "../../src/service_metrics/bucket_counts.ts";

/** What half a bucket of the sketch is, and a little for floats. */
const ERROR = 2 ** (1 / 64) + 1e-9;

function block(histogram: Histogram, bounds: readonly number[]): number[] {
  const into = new Float64Array(blockLength(bounds));
  writeBlock(into, 0, { histogram, bounds });
  return [...into];
}

test("SPAN_BOUNDS are 2 ms and its doublings, and print as such", () => {
  expect(SPAN_BOUNDS.map(String)).toEqual(
    "0.002 0.004 0.008 0.016 0.032 0.064 0.128 0.256 0.512 1.024 2.048 4.096 8.192 16.384"
      .split(" "),
  );
});

test.each([DEFAULT_GRAPH_BOUNDS, SPAN_BOUNDS, [0.005, 0.05, 1, 30]])(
  "writeBlock() counts what is 1.1 %% from a bound as it is: %j",
  (...bounds) => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4e10 }), { maxLength: 60 }),
        (durations) => {
          const histogram = new Histogram();
          for (const duration of durations) histogram.record(duration, 1);
          const [sum = 0, ...buckets] = block(histogram, bounds);
          const totalNs = durations.reduce((a, b) => a + b, 0);
          expect(Math.abs(sum / SUM_UNITS_PER_S - totalNs / 1e9))
            .toBeLessThanOrEqual(1e-6);
          expect(buckets.at(-1)).toBe(durations.length * COUNT_UNITS);
          for (const [at, bound] of bounds.entries()) {
            const count = (buckets[at] ?? 0) / COUNT_UNITS;
            const ns = bound * 1e9;
            const least = durations.filter((d) => d <= ns / ERROR).length;
            const most = durations.filter((d) => d <= ns * ERROR).length;
            expect(count).toBeGreaterThanOrEqual(least);
            expect(count).toBeLessThanOrEqual(most);
          }
        },
      ),
    );
  },
);

test("writeBlock() counts a duration of exactly a bound of the graph within it", () => {
  for (const [at, bound] of DEFAULT_GRAPH_BOUNDS.entries()) {
    const histogram = new Histogram();
    histogram.record(bound * 1e9, 1);
    const [, ...buckets] = block(histogram, DEFAULT_GRAPH_BOUNDS);
    expect(buckets.findIndex((count) => count > 0)).toBe(at);
  }
});

test("writeBlock() gives whole units, and no bucket less as others come", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: 4e10 }),
          fc.constantFrom(1, 10 / 3, 0.7, 16),
        ),
        { maxLength: 30 },
      ),
      (records) => {
        const histogram = new Histogram();
        let before = block(histogram, SPAN_BOUNDS);
        for (const [duration, weight] of records) {
          histogram.record(duration, weight);
          const after = block(histogram, SPAN_BOUNDS);
          expect(after.every(Number.isInteger)).toBe(true);
          expect(after.every((value, at) => value >= (before[at] ?? 0)))
            .toBe(true);
          before = after;
        }
      },
    ),
  );
});

test("graphBounds() takes MAX_GRAPH_BOUNDS ascending numbers and no more", () => {
  const bounds = Array.from({ length: MAX_GRAPH_BOUNDS }, (_, at) => at + 0.5);
  expect(graphBounds(bounds.join(","))).toEqual(bounds);
  expect(graphBounds([...bounds, 1000].join(","))).toBe(null);
  for (const text of ["", "0", "-1", "1,1", "1,", "x", "1e3", "Infinity"]) {
    expect([text, graphBounds(text)]).toEqual([text, null]);
  }
});
