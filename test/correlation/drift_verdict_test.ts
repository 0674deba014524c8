import { expect, test } from "vitest";
import { driftVerdict } from "../../src/correlation/drift_verdict.ts";
import {
  edgeEffects,
  MIN_REQUESTS_P50,
  MIN_REQUESTS_P95,
} from "../../src/correlation/edge_effect.ts";
import type { EdgeSeries } from "../../src/correlation/edge_series.ts";
import {
  MIN_TAIL_PLACEBOS,
  placeboTailP,
} from "../../src/correlation/placebo_tail.ts";
import { DRIFT_MINUTE, scenario } from "./scenario.ts";

const WINDOW = { at: DRIFT_MINUTE, before: 60, after: 60 };

test("driftVerdict() blames a drift that breaks, on the edge that broke", () => {
  const { verdict, effects } = driftVerdict(scenario("timeout", 1), WINDOW);
  expect(verdict).toBe("caused");
  expect(effects[0]?.edge.id).toBe("edge-0");
});

test("driftVerdict() of a harmless drift blames it for nothing", () => {
  expect(driftVerdict(scenario("harmless", 1), WINDOW).verdict)
    .toBe("no_effect");
});

test("driftVerdict() without data says so", () => {
  const says = (edges: EdgeSeries[]) => driftVerdict(edges, WINDOW).verdict;
  expect(says([])).toBe("not_enough_data");
  expect(says(scenario("no_data", 1))).toBe("not_enough_data");
  const early = { ...WINDOW, at: 30 };
  expect(driftVerdict(scenario("timeout", 1), early).verdict)
    .toBe("not_enough_data");
});

test("edgeEffects() needs MIN_REQUESTS a side, not one less", () => {
  function metrics(requests: number): string[] {
    const minutes = 400;
    const even = new Float64Array(minutes).fill(20);
    const count = new Float64Array(minutes).fill(requests / 60);
    const edge = {
      id: "e",
      from: "a",
      to: "b",
      count,
      failed: new Float64Array(minutes),
      p50: even,
      p95: even,
      latency: [],
    };
    return edgeEffects(edge, { at: 300, before: 60, after: 60 })
      .map(({ metric }) => metric);
  }
  const noise = 1e-6;
  expect(metrics(MIN_REQUESTS_P50 - 1)).toEqual([]);
  expect(metrics(MIN_REQUESTS_P50 + noise)).toEqual([
    "latency_p50",
    "error_rate",
  ]);
  expect(metrics(MIN_REQUESTS_P95 - 1)).not.toContain("latency_p95");
  expect(metrics(MIN_REQUESTS_P95 + noise)).toContain("latency_p95");
});

test("placeboTailP() goes below 1 / (n + 1) only from MIN_TAIL_PLACEBOS on", () => {
  const nulls = Array.from({ length: MIN_TAIL_PLACEBOS }, (_, at) => at);
  const floor = 1 / (MIN_TAIL_PLACEBOS + 1);
  expect(placeboTailP(1000, nulls)).toBeLessThan(floor / 1000);
  expect(placeboTailP(1000, nulls.slice(1))).toBe(1 / MIN_TAIL_PLACEBOS);
  expect(placeboTailP(MIN_TAIL_PLACEBOS - 1, nulls)).toBe(2 * floor);
});
