import { median } from "../correlation/median.ts";
import type { Expected } from "./baseline.ts";
import { HELD_MINUTES } from "./anomaly_limits.ts";
import type { Judged, MetricJudge } from "./metric_judge.ts";
import type { Observation } from "./stretch.ts";

/** Requests that `HELD_MINUTES` need for a 95th percentile. */
export const LEAST_LATENCY_REQUESTS = 100;
/** How far the 95th percentile has to reach: half as much again. */
export const LATENCY_FLOOR_RATIO = 1.5;
/** The same, ns. */
export const LATENCY_FLOOR_NS = 5e6;

const FLOOR = Math.log2(LATENCY_FLOOR_RATIO);
// What reached the floor lasts while every minute is beyond a part of it: one
// that is at the floor would else come and go with the noise.
const HELD_FLOOR = Math.log2(1.2);
const HELD_SPREADS = 2;
const REACHED_SPREADS = 2.5;
const CRITICAL_RATIO = 10;
const HIGH_RATIO = 3;

/** Latency, slower alone: what got faster hurts nobody. */
export const LATENCY_JUDGE: MetricJudge = {
  kind: "level",
  begins({ stretch, expected }) {
    if (stretch.length < HELD_MINUTES) return false;
    const requests = stretch.reduce((sum, { count }) => sum + count, 0);
    if (requests < LEAST_LATENCY_REQUESTS) return false;
    if (!stretch.every((one) => isHeld(one, expected))) return false;
    const peak = Math.max(...stretch.map(({ p95 }) => p95));
    const reach = Math.max(FLOOR, REACHED_SPREADS * expected.spread);
    return peak - expected.high >= reach &&
      2 ** peak - 2 ** expected.high >= LATENCY_FLOOR_NS;
  },
  lasts({ stretch, expected }) {
    const last = stretch.at(-1);
    if (
      last === undefined || last.count < LEAST_LATENCY_REQUESTS / HELD_MINUTES
    ) return "silent";
    return isHeld(last, expected) ? "lasting" : "calm";
  },
  observed({ stretch }: Judged): number {
    return 2 ** median(
      stretch.map(({ p95 }) => p95).filter((p95) => !Number.isNaN(p95)),
    );
  },
  baseline: ({ expected }) => 2 ** expected.high,
  value: ({ p95 }) => Number.isNaN(p95) ? 0 : 2 ** p95,
  severity(observed, baseline) {
    if (observed >= baseline * CRITICAL_RATIO) return "critical";
    return observed >= baseline * HIGH_RATIO ? "high" : "medium";
  },
};

function isHeld({ count, p95 }: Observation, expected: Expected): boolean {
  const held = Math.max(HELD_FLOOR, HELD_SPREADS * expected.spread);
  return count > 0 && p95 - expected.high >= held &&
    2 ** p95 - 2 ** expected.high >= LATENCY_FLOOR_NS / 2;
}
