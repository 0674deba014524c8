import * as fc from "fast-check";
import { expect, test } from "vitest";
import { benjaminiHochberg } from "../../src/correlation/benjamini_hochberg.ts";
import { fisherExact } from "../../src/correlation/fisher_exact.ts";
import { latencyBins } from "../../src/correlation/latency_bins.ts";
import { logFactorial, logGamma } from "../../src/correlation/log_gamma.ts";
import { mannWhitney } from "../../src/correlation/mann_whitney.ts";
import { median, medianDeviation } from "../../src/correlation/median.ts";
import { placeboP } from "../../src/correlation/placebo.ts";
import { wasserstein } from "../../src/correlation/wasserstein.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { Histogram } from "../../src/map/histogram.ts";

// Latencies on a coarse grid, so that each is a bucket of its own.
const doublings = fc.array(fc.integer({ min: 0, max: 12 }), {
  minLength: 1,
  maxLength: 40,
});

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(1e6 * 2 ** value, 1);
  return histogram;
}

test("logGamma() and logFactorial() have the known values", () => {
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
  expect(logFactorial(0)).toBeCloseTo(0, 12);
  expect(logFactorial(20)).toBeCloseTo(Math.log(2432902008176640000), 10);
  let sum = 0;
  for (let n = 2; n <= 5000; n++) sum += Math.log(n);
  expect(logFactorial(5000)).toBeCloseTo(sum, 6);
});

test("fisherExact() equals the sum over all tables", () => {
  function choose(n: number, k: number): number {
    let ways = 1;
    for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
    return ways;
  }
  const side = fc.integer({ min: 0, max: 25 });
  fc.assert(
    fc.property(side, side, side, side, (a, b, c, d) => {
      const [before, after, failed] = [a + b, c + d, a + c];
      const all = choose(before + after, failed);
      function chance(k: number): number {
        return k > after || failed - k > before
          ? 0
          : (choose(after, k) * choose(before, failed - k)) / all;
      }
      let greater = 0;
      let twoSided = 0;
      for (let k = 0; k <= failed; k++) {
        if (k >= c) greater += chance(k);
        if (chance(k) <= chance(c) * (1 + 1e-7)) twoSided += chance(k);
      }
      const told = fisherExact(
        { failed: a, count: before },
        { failed: c, count: after },
      );
      expect(told.greater).toBeCloseTo(greater, 9);
      expect(told.twoSided).toBeCloseTo(twoSided, 9);
    }),
  );
});

test("fisherExact() of millions of requests is fast and sure", () => {
  const before = { failed: 1000, count: 1_000_000 };
  const same = fisherExact(before, before);
  expect(same.greater).toBeGreaterThan(0.5);
  expect(same.greater).toBeLessThan(0.52);
  expect(same.twoSided).toBeCloseTo(1, 5);
  const worse = fisherExact(before, { failed: 1300, count: 1_000_000 });
  expect(worse.greater).toBeGreaterThan(0);
  expect(worse.greater).toBeLessThan(1e-9);
  const better = fisherExact({ failed: 1300, count: 1_000_000 }, before);
  expect(better.greater).toBeCloseTo(1, 6);
});

test("mannWhitney() equals the count over all pairs, swapped is its mirror", () => {
  fc.assert(
    fc.property(doublings, doublings, (a, b) => {
      let u = 0;
      for (const x of a) for (const y of b) u += y > x ? 1 : y === x ? 0.5 : 0;
      const told = mannWhitney(latencyBins(histogramOf(a), histogramOf(b)));
      const back = mannWhitney(latencyBins(histogramOf(b), histogramOf(a)));
      expect(told.u).toBeCloseTo(u, 9);
      expect(told.share + back.share).toBeCloseTo(1, 9);
      expect(told.z).toBeCloseTo(-back.z, 9);
    }),
  );
});

test("mannWhitney() has the z of a table with ties", () => {
  // 1, 2, 2, 3, 3, 4: two ties of two, so the variance is 4.95 by hand.
  const told = mannWhitney(
    latencyBins(histogramOf([1, 2, 3]), histogramOf([2, 3, 4])),
  );
  expect(told.u).toBe(7);
  expect(told.z).toBeCloseTo(2.5 / Math.sqrt(0.75 * (7 - 12 / 30)), 12);
});

test("mannWhitney() without an effect is a standard normal", () => {
  const random = new SeededRandom(11);
  const zs: number[] = [];
  for (let run = 0; run < 2000; run++) {
    const [a, b] = [new Histogram(), new Histogram()];
    for (let i = 0; i < 40; i++) a.record(random.logNormal(50e6, 0.6), 1);
    for (let i = 0; i < 60; i++) b.record(random.logNormal(50e6, 0.6), 1);
    zs.push(mannWhitney(latencyBins(a, b)).z);
  }
  const beyond = zs.filter((z) => Math.abs(z) > 1.96).length / zs.length;
  expect(beyond).toBeGreaterThan(0.035);
  expect(beyond).toBeLessThan(0.065);
});

test("mannWhitney() and wasserstein() of no data say so", () => {
  const bins = latencyBins(new Histogram(), histogramOf([1]));
  expect(mannWhitney(bins)).toEqual({ u: 0, share: Number.NaN, z: 0 });
  expect(wasserstein(bins)).toEqual({
    distance: Number.NaN,
    shift: Number.NaN,
  });
});

test("wasserstein() of equally many is the mean distance in order", () => {
  const pairs = fc.array(
    fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 })),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(pairs, (both) => {
      const a = both.map(([x]) => x).toSorted((x, y) => x - y);
      const b = both.map(([, y]) => y).toSorted((x, y) => x - y);
      let distance = 0;
      let shift = 0;
      for (const [at, x] of a.entries()) {
        distance += Math.abs((b[at] ?? 0) - x) / a.length;
        shift += ((b[at] ?? 0) - x) / a.length;
      }
      const told = wasserstein(latencyBins(histogramOf(a), histogramOf(b)));
      expect(told.distance).toBeCloseTo(distance, 9);
      expect(told.shift).toBeCloseTo(shift, 9);
    }),
  );
});

test("benjaminiHochberg() has R's values, in the order given", () => {
  const p = [0.005, 0.011, 0.02, 0.04, 0.13].toReversed();
  const known = [0.025, 0.0275, 0.1 / 3, 0.05, 0.13].toReversed();
  for (const [at, q] of benjaminiHochberg(p).entries()) {
    expect(q).toBeCloseTo(known[at] ?? Number.NaN, 12);
  }
  expect(benjaminiHochberg([])).toEqual([]);
});

test("median() and medianDeviation() have the known values", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
  expect(medianDeviation([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826, 12);
});

test("placeboP() without an effect is uniform", () => {
  const random = new SeededRandom(5);
  const runs = 4000;
  const counts = new Float64Array(20);
  for (let run = 0; run < runs; run++) {
    const nulls = Array.from({ length: 19 }, () => random.logNormal(1, 1));
    const p = placeboP(random.logNormal(1, 1), nulls);
    const bin = Math.round(p * 20) - 1;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const expected = runs / 20;
  const chiSquare = counts.reduce((s, n) => s + (n - expected) ** 2, 0) /
    expected;
  // The 99.9 % point of chi-square with 19 degrees of freedom.
  expect(chiSquare).toBeLessThan(43.8);
});

test("placeboP() takes no NaN for a placebo, nor as seen", () => {
  expect(placeboP(1, [Number.NaN, 0])).toBe(1 / 2);
  expect(placeboP(Number.NaN, [0, 0, 0])).toBe(1);
});
