import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "../../src/codec/byte_reader.ts";
import { ByteWriter } from "../../src/codec/byte_writer.ts";
import { bucketIndex, Histogram } from "../../src/map/histogram.ts";

const durations = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 10 }),
    fc.integer({ min: 1, max: 60_000_000_000 }),
    fc.maxSafeInteger().map(Math.abs),
  ),
  { minLength: 1, maxLength: 300 },
);

function histogramOf(values: readonly number[], weight = 1): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value, weight);
  return histogram;
}

test("Histogram.quantile() is within 1.1 % of the nearest-rank quantile", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(durations, share, (values, q) => {
      const sorted = values.toSorted((a, b) => a - b);
      const rank = Math.max(1, Math.ceil(q * values.length - 1e-6));
      const exact = sorted[rank - 1] ?? Number.NaN;
      const told = histogramOf(values).quantile(q);
      expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * 0.011);
    }),
    { numRuns: 3000 },
  );
});

test("Histogram.merge() of any parts equals the whole", () => {
  fc.assert(fc.property(durations, durations, durations, (a, b, c) => {
    const whole = histogramOf([...a, ...b, ...c]);
    const left = histogramOf(a);
    left.merge(histogramOf(b));
    left.merge(histogramOf(c));
    const right = histogramOf(c);
    const inner = histogramOf(b);
    inner.merge(histogramOf(a));
    right.merge(inner);
    for (const merged of [left, right]) {
      expect(merged.buckets).toEqual(whole.buckets);
      expect(merged.count).toBe(whole.count);
      expect([merged.minNs, merged.maxNs]).toEqual([whole.minNs, whole.maxNs]);
      expect(merged.sumNs / whole.sumNs || 1).toBeCloseTo(1, 12);
    }
  }));
});

test("Histogram.record() with a negative weight takes a duration back", () => {
  fc.assert(fc.property(
    durations,
    durations,
    fc.constantFrom(1, 4, 10 / 3),
    (kept, undone, weight) => {
      const histogram = histogramOf([...kept, ...undone], weight);
      for (const value of undone) histogram.record(value, -weight);
      const expected = histogramOf(kept, weight);
      expect([...histogram.buckets.keys()].toSorted((a, b) => a - b))
        .toEqual([...expected.buckets.keys()].toSorted((a, b) => a - b));
      expect(histogram.count).toBeCloseTo(expected.count, 6);
    },
  ));
});

test("bucketIndex() puts a duration above its lower and up to its upper bound", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    (ns) => {
      const index = bucketIndex(ns);
      const slack = 1 + 1e-12;
      expect(ns / 1e9).toBeLessThanOrEqual(2 ** ((index + 1) / 32) * slack);
      expect(ns / 1e9 * slack).toBeGreaterThan(2 ** (index / 32));
    },
  ));
  // Exact powers are upper bounds: OpenTelemetry's buckets include those.
  expect(bucketIndex(1e9)).toBe(-1);
  expect(bucketIndex(2e9)).toBe(31);
  expect(bucketIndex(0.5e9)).toBe(-33);
});

test("Histogram.read() reads what write() wrote", () => {
  fc.assert(fc.property(durations, (values) => {
    const histogram = histogramOf(values, 2.5);
    const writer = new ByteWriter();
    histogram.write(writer);
    const read = Histogram.read(new ByteReader(writer.finish()));
    expect(read).toEqual(histogram);
  }));
});

test("Histogram of nothing answers 0 to every question", () => {
  const nothing = new Histogram();
  expect([nothing.quantile(0.5), nothing.meanNs(), nothing.count])
    .toEqual([0, 0, 0]);
});
