import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ratePerSecond,
  requestFigures,
  settledCount,
} from "../../src/query/figures.ts";

test("settledCount() is whole for any order of adding and taking back whole numbers", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: -1000, max: 1000 })),
    fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true })),
    (whole, fractions) => {
      let sum = 0;
      for (const fraction of fractions) sum += fraction;
      for (const count of whole) sum += count;
      for (const fraction of fractions.toReversed()) sum -= fraction;
      const expected = whole.reduce((total, count) => total + count, 0);
      expect(settledCount(sum)).toBe(Math.max(0, expected));
    },
  ));
});

test("settledCount() keeps the fractions that sampling makes", () => {
  expect(settledCount(4 / 3)).toBe(1.333333);
  expect(settledCount(4 / 3 + 4 / 3 + 4 / 3)).toBe(4);
  expect(settledCount(1e15 + 1)).toBe(1e15 + 1);
  expect(settledCount(-1e-9)).toBe(0);
});

test("requestFigures() has a rate from 0 to 1, whatever float noise there is", () => {
  fc.assert(fc.property(
    fc.double({ min: -1, max: 1e9, noNaN: true }),
    fc.double({ min: -1, max: 1e9, noNaN: true }),
    (count, failed) => {
      const figures = requestFigures(count, failed);
      expect(figures.error_rate).toBeGreaterThanOrEqual(0);
      expect(figures.error_rate).toBeLessThanOrEqual(1);
      expect(figures.error_count).toBeLessThanOrEqual(figures.request_count);
    },
  ));
});

test("ratePerSecond() is 0 where no time has passed", () => {
  expect(ratePerSecond(5, 0)).toBe(0);
  expect(ratePerSecond(5, 2e9)).toBe(2.5);
});
