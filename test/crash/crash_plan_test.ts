import { expect, test } from "vitest";
import { TEMPO_MOODS } from "../harness/tempo_stand_in.ts";
import { crashPlan, MAX_KILL_DELAY_MS, ROUND_SPANS } from "./crash_plan.ts";

test("crashPlan() is the same from the same seed, and another from another", () => {
  expect(crashPlan(7, 50)).toEqual(crashPlan(7, 50));
  expect(crashPlan(7, 5)).toEqual(crashPlan(7, 50).slice(0, 5));
  expect(crashPlan(7, 50)).not.toEqual(crashPlan(8, 50));
});

test("crashPlan() has each mood in turn, and kills before, during and after, once or twice", () => {
  const plan = crashPlan(1, 50);
  expect(new Set(plan.slice(0, 4).map(({ mood }) => mood)))
    .toEqual(new Set(TEMPO_MOODS));
  const kills = plan.flatMap(({ kills }) => kills);
  const shares = kills.map(({ acknowledgedShare }) => acknowledgedShare);
  expect(shares.some((share) => share === 0)).toBe(true);
  expect(shares.some((share) => share > 0 && share < 1)).toBe(true);
  expect(shares.some((share) => share === 1)).toBe(true);
  expect(new Set(plan.map(({ kills }) => kills.length)))
    .toEqual(new Set([1, 2]));
  expect(kills.every(({ delayMs }) => delayMs < MAX_KILL_DELAY_MS)).toBe(true);
  const [fewest, most] = ROUND_SPANS;
  expect(plan.every(({ spans }) => spans >= fewest && spans <= most))
    .toBe(true);
});

test("crashPlan() has the spans that are asked for, the ends among them", () => {
  const plan = crashPlan(1, 50, { spans: [3, 4] });
  expect(new Set(plan.map(({ spans }) => spans))).toEqual(new Set([3, 4]));
});
