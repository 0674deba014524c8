import { HELD_MINUTES } from "./anomaly_limits.ts";
import type { Expected } from "./baseline.ts";
import type { Judged, MetricJudge } from "./metric_judge.ts";
import { callsOf, errorShare, type Observation } from "./stretch.ts";

/** Calls that `HELD_MINUTES` need for a share of errors. */
export const LEAST_ERROR_CALLS = 30;
/** Errors beyond what was expected that they need. */
export const LEAST_EXCESS_ERRORS = 5;
/** How far beyond what was expected the share of errors has to be. */
export const ERROR_FLOOR = 0.01;

// The same, of what was expected: where 30 % fail, 31 % are no news.
const FLOOR_RATIO = 2;
const WHOLE_SPREADS = 4;
const REST_SPREADS = 3.5;
// A burst that is over after this is no anomaly, whatever it came to.
const BURST_MINUTES = HELD_MINUTES - 2;
// A minute that had fewer errors than this to expect may have none by chance.
const TELLING_ERRORS = 3;
const CRITICAL_SHARE = 0.5;
const HIGH_SHARE = 0.1;

/** Errors, more of them alone. */
export const ERROR_JUDGE: MetricJudge = {
  kind: "share",
  begins({ stretch, expected }) {
    if (stretch.length < HELD_MINUTES) return false;
    const calls = stretch.reduce((sum, one) => sum + callsOf(one), 0);
    if (calls < LEAST_ERROR_CALLS) return false;
    if (!isBeyond(stretch, expected, WHOLE_SPREADS)) return false;
    const share = errorShare(stretch);
    return outsideBursts(stretch).every((rest) =>
      isBeyond(rest, expected, REST_SPREADS)
    ) && stretch.every((one) =>
      !tells(one, share) || errorShare([one]) >= beyond(expected.high, 0.5)
    );
  },
  lasts({ stretch, expected }, observed) {
    const last = stretch.at(-1);
    const held = beyond(expected.high, 0.5);
    if (last !== undefined && tells(last, observed)) {
      return errorShare([last]) >= held ? "lasting" : "calm";
    }
    const calls = stretch.reduce((sum, one) => sum + callsOf(one), 0);
    if (calls < LEAST_ERROR_CALLS) return "silent";
    return errorShare(stretch) >= held ? "lasting" : "calm";
  },
  observed: ({ stretch }: Judged) => errorShare(stretch),
  baseline: ({ expected }) => expected.high,
  value: (one) => errorShare([one]),
  severity(observed) {
    if (observed >= CRITICAL_SHARE) return "critical";
    return observed >= HIGH_SHARE ? "high" : "medium";
  },
};

/** Whether there are enough errors more, of calls and by what chance does. */
function isBeyond(
  minutes: readonly Observation[],
  { high, spread }: Expected,
  spreads: number,
): boolean {
  const calls = minutes.reduce((sum, one) => sum + callsOf(one), 0);
  const share = errorShare(minutes);
  const usual = high * calls;
  const least = LEAST_EXCESS_ERRORS * minutes.length / HELD_MINUTES;
  const chance = spreads * Math.sqrt(spread * usual);
  return share >= beyond(high, 1) &&
    share * calls - usual >= Math.max(least, chance);
}

/** What is left of the stretch beside each burst that there may have been. */
function outsideBursts(
  stretch: readonly Observation[],
): readonly (readonly Observation[])[] {
  return Array.from(
    { length: stretch.length - BURST_MINUTES + 1 },
    (_, from) => stretch.toSpliced(from, BURST_MINUTES),
  );
}

/** The share that is so many floors above what was expected. */
function beyond(usual: number, floors: number): number {
  return usual + floors * Math.max(ERROR_FLOOR, usual * (FLOOR_RATIO - 1));
}

function tells(one: Observation, share: number): boolean {
  return callsOf(one) * share >= TELLING_ERRORS;
}
