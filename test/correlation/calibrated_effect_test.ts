import { expect, test } from "vitest";
import {
  BLOCK_MINUTES,
  blockTestP,
  MIN_BLOCKS,
} from "../../src/correlation/block_ranks.ts";
import { calibratedEffect } from "../../src/correlation/calibrated_effect.ts";
import {
  MAX_PLACEBOS,
  placeboMinutes,
} from "../../src/correlation/change_window.ts";
import {
  MIN_TAIL_PLACEBOS,
  placeboTailP,
} from "../../src/correlation/placebo_tail.ts";
import {
  levelSeries,
  RatioSeries,
} from "../../src/correlation/ratio_series.ts";
import {
  MAX_STRETCH_MINUTES,
  MIN_STRETCH_MINUTES,
  strongestStretch,
  wholeStretch,
} from "../../src/correlation/strongest_stretch.ts";
import { placeboStudentP } from "../../src/correlation/placebo_student.ts";
import { stretchPeaks } from "../../src/correlation/stretch_peaks.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";

function levels(values: Float64Array): RatioSeries {
  return levelSeries(values, values.map(() => 1));
}

test("RatioSeries of any stretch is the sum by the weight of what is known", () => {
  const random = new SeededRandom(1);
  const sum = Float64Array.from(
    { length: 50 },
    () => random.chance(0.2) ? Number.NaN : random.fraction(),
  );
  const weight = sum.map(() => random.below(4));
  const series = new RatioSeries(sum, weight);
  for (let start = -2; start < 50; start += 3) {
    for (let end = start; end < 53; end += 5) {
      let sums = 0;
      let weights = 0;
      let known = 0;
      for (let at = Math.max(0, start); at < Math.min(50, end); at++) {
        if (!((weight[at] ?? 0) > 0) || Number.isNaN(sum[at])) continue;
        sums += sum[at] ?? 0;
        weights += weight[at] ?? 0;
        known++;
      }
      expect(series.known(start, end)).toBe(known);
      expect(series.weight(start, end)).toBe(weights);
      if (known === 0) expect(series.mean(start, end)).toBeNaN();
      else expect(series.mean(start, end)).toBeCloseTo(sums / weights, 9);
    }
  }
});

test("strongestStretch() and wholeStretch() need half of the minutes on both sides", () => {
  const window = { at: 20, before: 20, after: 20 };
  const values = new Float64Array(40).fill(Number.NaN).fill(1, 11);
  expect(strongestStretch(levels(values), window).effect).toBeNaN();
  values.fill(1, 10);
  expect(strongestStretch(levels(values), window).effect).toBe(0);
  expect(wholeStretch(levels(values), window).effect).toBe(0);
  const series = levels(new Float64Array(40));
  expect(strongestStretch(series, { ...window, after: 21 }).start).toBe(-1);
  expect(strongestStretch(series, { ...window, before: 21 }).start).toBe(-1);
  const short = { ...window, after: MIN_STRETCH_MINUTES };
  expect(strongestStretch(series, short).start).toBe(20);
  short.after--;
  expect(strongestStretch(series, short).start).toBe(-1);
});

// From fewer minutes than the shorter stretch has, over one beyond the longer.
test.for([
  MIN_STRETCH_MINUTES - 1,
  MIN_STRETCH_MINUTES,
  MAX_STRETCH_MINUTES - 1,
  MAX_STRETCH_MINUTES,
  MAX_STRETCH_MINUTES + 1,
  25,
])(
  "stretchPeaks() are what strongestStretch() finds at every minute, of %i minutes",
  (after) => {
    const random = new SeededRandom(8);
    const values = Float64Array.from(
      { length: 200 },
      () => random.chance(0.4) ? Number.NaN : random.fraction(),
    );
    const series = levels(values);
    const before = 10;
    const peaks = [MIN_STRETCH_MINUTES, MAX_STRETCH_MINUTES]
      .map((length) => stretchPeaks(series, { length, after }));
    let compared = 0;
    for (let at = before; at + after <= 200; at++) {
      const { effect, start } = strongestStretch(series, { at, before, after });
      if (start < 0) continue;
      const known = peaks.map((peak) => peak[at] ?? Number.NaN)
        .filter((peak) => !Number.isNaN(peak));
      expect(Math.max(...known) - series.mean(at - before, at))
        .toBeCloseTo(effect, 9);
      compared++;
    }
    if (after < MIN_STRETCH_MINUTES) {
      for (const peak of peaks) expect(peak.every(Number.isNaN)).toBe(true);
    } else expect(compared).toBeGreaterThan(100);
  },
);

test("placeboStudentP() is Student's t, and never below what placebos reach", () => {
  // Of 11 placebos, t of 10 degrees: 2.228 is its 97.5th percentile.
  const nulls = [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5];
  const spread = Math.sqrt(11) * Math.sqrt(12 / 11);
  expect(placeboStudentP(2.2281 * spread, nulls, { independent: 11 }))
    .toBeCloseTo(0.025, 3);
  expect(placeboStudentP(4.1437 * spread, nulls, { independent: 11 }))
    .toBeCloseTo(0.001, 4);
  const heavy = [...nulls.map((value) => value / 1000), 100];
  expect(placeboStudentP(99, heavy, { independent: 12 }))
    .toBeGreaterThanOrEqual(1 / 13);
  expect(placeboStudentP(1, [0, 0, 0], { independent: 3 })).toBe(1 / 4);
  expect(placeboStudentP(1, [], { independent: 0 })).toBe(1);
});

test("calibratedEffect() without an effect is not below its p more often than p", () => {
  const random = new SeededRandom(3);
  const runs = 400;
  const ps = Array.from({ length: runs }, () => {
    const values = Float64Array.from(
      { length: 1440 },
      () => Math.log(random.logNormal(1, 1)),
    );
    return calibratedEffect(levels(values), {
      at: 1320,
      before: 60,
      after: 60,
    }).p;
  });
  for (const level of [0.01, 0.05, 0.1, 0.25, 0.5]) {
    const share = ps.filter((p) => p <= level).length / runs;
    const error = Math.sqrt((level * (1 - level)) / runs);
    expect(share).toBeLessThan(level + 3 * error);
  }
  // Nor far less often: it would be blind.
  expect(ps.filter((p) => p <= 0.5).length / runs).toBeGreaterThan(0.3);
});

test("calibratedEffect() sees five minutes, and a little all the time", () => {
  const random = new SeededRandom(4);
  function seen(change: (minute: number) => number): number {
    const values = Float64Array.from(
      { length: 1440 },
      (_, at) => 0.2 * Math.log(random.logNormal(1, 1)) + change(at),
    );
    return calibratedEffect(levels(values), {
      at: 1320,
      before: 60,
      after: 60,
    }).p;
  }
  expect(seen(() => 0)).toBeGreaterThan(0.02);
  expect(seen((at) => at >= 1330 && at < 1335 ? 1 : 0)).toBeLessThan(1e-3);
  expect(seen((at) => at >= 1320 ? 0.25 : 0)).toBeLessThan(1e-3);
});

test("placeboMinutes() are at most MAX_PLACEBOS, and none sees the change", () => {
  const window = { at: 5000, before: 60, after: 60 };
  const step = 5;
  const most = MAX_PLACEBOS * step;
  function count(minutes: number): number {
    return placeboMinutes({ at: 1e6, before: 0, after: 0 }, minutes).length;
  }
  expect(count(most - 1)).toBe(MAX_PLACEBOS);
  expect(count(most)).toBe(MAX_PLACEBOS);
  for (const at of placeboMinutes(window, 10_000)) {
    expect(at + 60 <= 5000 || at - 60 >= 5060).toBe(true);
  }
});

test("placeboTailP() goes below 1 / (n + 1) only from MIN_TAIL_PLACEBOS on", () => {
  const nulls = Array.from({ length: MIN_TAIL_PLACEBOS }, (_, at) => at);
  const independent = MIN_TAIL_PLACEBOS;
  const floor = 1 / (MIN_TAIL_PLACEBOS + 1);
  expect(placeboTailP(1000, nulls, { independent })).toBeLessThan(floor / 1000);
  expect(placeboTailP(1000, nulls.slice(1), { independent: 99 }))
    .toBe(1 / MIN_TAIL_PLACEBOS);
  expect(placeboTailP(MIN_TAIL_PLACEBOS - 1, nulls, { independent }))
    .toBe(2 * floor);
});

test("placeboTailP() of placebos that overlap says no more than those that do not", () => {
  const nulls = Array.from({ length: MIN_TAIL_PLACEBOS }, (_, at) => at);
  expect(placeboTailP(99, nulls, { independent: 9 })).toBe(1 / 10);
  const few = placeboTailP(150, nulls, { independent: 9 });
  expect(few).toBeGreaterThan(placeboTailP(150, nulls, { independent: 90 }));
  expect(few).toBeLessThan(1 / 10);
});

test("placeboTailP() where nothing ever happened falls by its resolution", () => {
  const nulls = Array.from({ length: MIN_TAIL_PLACEBOS }, () => 0);
  const independent = MIN_TAIL_PLACEBOS;
  const floor = 1 / (MIN_TAIL_PLACEBOS + 1);
  expect(placeboTailP(1, nulls, { independent })).toBe(floor);
  expect(placeboTailP(1, nulls, { independent, resolution: 1 })).toBe(floor);
  expect(placeboTailP(10, nulls, { independent, resolution: 1 }))
    .toBeLessThan(1e-3);
});

test("blockTestP() of a young series is uniform without an effect, and small with one", () => {
  const random = new SeededRandom(6);
  const window = { at: 60, before: 60, after: 60 };
  function pOf(step: number): number {
    const values = Float64Array.from(
      { length: 120 },
      (_, at) => Math.log(random.logNormal(1, 1)) + (at < 60 ? 0 : step),
    );
    return blockTestP(levels(values), window);
  }
  const runs = 400;
  const ps = Array.from({ length: runs }, () => pOf(0));
  for (const level of [0.05, 0.1, 0.25, 0.5]) {
    const share = ps.filter((p) => p <= level).length / runs;
    const error = Math.sqrt((level * (1 - level)) / runs);
    expect(Math.abs(share - level)).toBeLessThan(3.5 * error);
  }
  expect(pOf(2)).toBeLessThan(1e-3);
  const short = { at: 60, before: 60, after: MIN_BLOCKS * BLOCK_MINUTES };
  const rising = levels(Float64Array.from({ length: 120 }, (_, at) => at));
  expect(blockTestP(rising, short)).toBeLessThan(0.05);
  expect(blockTestP(rising, { ...short, after: short.after - 1 })).toBe(1);
});
