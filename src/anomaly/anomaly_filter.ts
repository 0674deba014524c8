import type { AnomalyMetric } from "./anomaly.ts";

/** Whether an anomaly lasts. */
export const ANOMALY_STATES = ["open", "ended", "all"] as const;

/** Whether an anomaly lasts. */
export type AnomalyState = (typeof ANOMALY_STATES)[number];

/** Where a page of anomalies ends: the start and the id of the last one. */
export interface AnomalyPosition {
  /** ms since the epoch. */
  readonly timeMs: number;
  readonly id: string;
}

/** Which anomalies are asked for; what is left out takes all. */
export interface AnomalyFilter {
  /** Its name, or its `nodeId`. */
  readonly service?: string | undefined;
  /** Left out: all but the rate of requests, which is never raised. */
  readonly metric?: AnomalyMetric | undefined;
  readonly state?: AnomalyState | undefined;
  /** Those that lasted at or after it, ms since the epoch. */
  readonly startMs?: number | undefined;
  /** Those that began before it, ms since the epoch. */
  readonly endMs?: number | undefined;
  /** Where the page before ended. */
  readonly after?: AnomalyPosition | undefined;
}
