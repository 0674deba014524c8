import type { Severity } from "../drift/drift.ts";
import type { BaselineKind, Expected } from "./baseline.ts";
import type { Observation } from "./stretch.ts";

/** What the newest minute says of an anomaly that lasts. */
export type Verdict = "lasting" | "calm" | "silent";

/** The minutes that are judged, the newest last, and what was expected. */
export interface Judged {
  /** `HELD_MINUTES`, or fewer where the edge is new. */
  readonly stretch: readonly Observation[];
  readonly expected: Expected;
}

/** How one metric is judged; every figure is in the metric's unit. */
export interface MetricJudge {
  readonly kind: BaselineKind;
  /** Whether the whole stretch is off, by enough, with enough requests. */
  begins(judged: Judged): boolean;
  /** @param observed What the anomaly came to so far. */
  lasts(judged: Judged, observed: number): Verdict;
  /** What the stretch comes to. */
  observed(judged: Judged): number;
  baseline(judged: Judged): number;
  /** What one minute came to. */
  value(observation: Observation): number;
  severity(observed: number, baseline: number): Severity;
}
