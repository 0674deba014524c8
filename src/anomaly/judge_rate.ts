import { median } from "../correlation/median.ts";
import { HELD_MINUTES } from "./anomaly_limits.ts";
import type { Expected } from "./baseline.ts";
import type { Judged, MetricJudge } from "./metric_judge.ts";

/** Requests that `HELD_MINUTES` need, or should have had. */
export const LEAST_RATE_REQUESTS = 30;
/** How far the requests of a minute have to be from what was expected. */
export const RATE_FLOOR = 0.5;

const SPREADS = 4;
const SECONDS_A_MINUTE = 60;

/** The rate of requests: more or fewer. It is context, and never raised. */
export const RATE_JUDGE: MetricJudge = {
  kind: "level",
  begins({ stretch, expected }) {
    if (stretch.length < HELD_MINUTES) return false;
    const counts = stretch.map(({ count }) => count);
    const requests = counts.reduce((sum, count) => sum + count, 0);
    const isMore = requests >= LEAST_RATE_REQUESTS &&
      Math.min(...counts) > bound(expected, "high", RATE_FLOOR);
    const isLess = expected.low * HELD_MINUTES >= LEAST_RATE_REQUESTS &&
      Math.max(...counts) < bound(expected, "low", RATE_FLOOR);
    return isMore || isLess;
  },
  lasts({ stretch, expected }) {
    const count = stretch.at(-1)?.count ?? 0;
    return count > bound(expected, "high", RATE_FLOOR / 2) ||
        count < bound(expected, "low", RATE_FLOOR / 2)
      ? "lasting"
      : "calm";
  },
  observed: ({ stretch }: Judged) =>
    median(stretch.map(({ count }) => count)) / SECONDS_A_MINUTE,
  baseline({ stretch, expected }) {
    const count = median(stretch.map(({ count: one }) => one));
    const isMore = count > expected.high;
    return (isMore ? expected.high : expected.low) / SECONDS_A_MINUTE;
  },
  value: ({ count }) => count / SECONDS_A_MINUTE,
  severity: () => "info",
};

function bound(
  { high, low, spread }: Expected,
  side: "high" | "low",
  floor: number,
): number {
  const spreads = SPREADS * spread * (floor / RATE_FLOOR);
  return side === "high"
    ? high + Math.max(high * floor, spreads)
    : low - Math.max(low * floor, spreads);
}
