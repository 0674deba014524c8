import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";

test("SeededRandom repeats itself from the same seed alone", () => {
  const first = new SeededRandom(1);
  const again = new SeededRandom(1);
  const other = new SeededRandom(2);
  const ids = Array.from({ length: 100 }, () => first.hex(16));
  expect(Array.from({ length: 100 }, () => again.hex(16))).toEqual(ids);
  expect(Array.from({ length: 100 }, () => other.hex(16))).not.toEqual(ids);
  expect(new Set(ids).size).toBe(100);
  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
});

test("SeededRandom.below() gives every number below its end as often", () => {
  const random = new SeededRandom(3);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 100_000; draw++) {
    const number = random.below(10);
    counts[number] = (counts[number] ?? 0) + 1;
  }
  expect(counts).toHaveLength(10);
  for (const count of counts) {
    expect(Math.abs(count / 10_000 - 1)).toBeLessThan(0.05);
  }
});

test("SeededRandom.logNormal() has the median and spread asked for", () => {
  const random = new SeededRandom(4);
  const values = Array.from({ length: 20_001 }, () => random.logNormal(20, 0.7))
    .sort((a, b) => a - b);
  expect((values[10_000] ?? 0) / 20).toBeCloseTo(1, 1);
  const logs = values.map((value) => Math.log(value / 20));
  const variance = logs.reduce((sum, log) => sum + log * log, 0) / logs.length;
  expect(Math.sqrt(variance)).toBeCloseTo(0.7, 1);
});

test("SeededRandom.shuffled() keeps every item", () => {
  const items = Array.from({ length: 50 }, (_, at) => at);
  const shuffled = new SeededRandom(5).shuffled(items);
  expect(shuffled).not.toEqual(items);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
});
