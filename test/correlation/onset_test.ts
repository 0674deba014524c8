import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MIN_ONSET_SIDE, onset } from "../../src/correlation/onset.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";

test("onset() finds the minute of any step, whatever the level", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: MIN_ONSET_SIDE, max: 50 }),
      fc.integer({ min: MIN_ONSET_SIDE, max: 50 }),
      fc.integer({ min: -1000, max: 1000 }),
      (before, after, level) => {
        const values = new Float64Array(before + after).fill(level);
        values.fill(level + 7, before);
        const found = onset(values);
        expect(found?.minute).toBe(before);
        expect(found?.change).toBeCloseTo(7, 9);
        expect(found?.explained).toBeCloseTo(1, 9);
      },
    ),
  );
});

test("onset() of too few or equal values is none", () => {
  expect(onset(new Float64Array(20))).toBeUndefined();
  expect(onset(Float64Array.of(1, 1, 1, 2, 2))).toBeUndefined();
  expect(onset(Float64Array.of(1, 1, 1, 2, 2, 2))?.minute).toBe(3);
});

test("onset() is between its earliest and its latest in 9 of 10 noisy series", () => {
  const random = new SeededRandom(5);
  let within = 0;
  const runs = 300;
  for (let run = 0; run < runs; run++) {
    const values = Float64Array.from(
      { length: 60 },
      (_, at) => Math.log(random.logNormal(1, 1)) + (at < 40 ? 0 : 1.5),
    );
    const found = onset(values);
    if (found !== undefined && found.earliest <= 40 && found.latest >= 40) {
      within++;
    }
  }
  expect(within / runs).toBeGreaterThan(0.9);
  expect(within / runs).toBeLessThan(1);
});
