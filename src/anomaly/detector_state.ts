import type { Anomaly, AnomalyEdge, AnomalyMetric } from "./anomaly.ts";
import { type Baseline, emptyBaseline } from "./baseline.ts";
import type { Observation } from "./stretch.ts";

/** An anomaly that lasts. */
export interface Lasting {
  readonly anomaly: Anomaly;
  /** The last minute that showed it, minutes since the epoch. */
  readonly lastMinute: number;
  /** Calm minutes since. */
  readonly calm: number;
  /** Minutes with too few requests since the last that told. */
  readonly silent: number;
}

/** What is known of an edge, or of what the service serves. */
export interface Watched {
  /** null: what the service serves. */
  readonly edge: AnomalyEdge | null;
  /** The minute since which it is known. */
  readonly sinceMinute: number;
  /** The last minute with a request. */
  readonly heardMinute: number;
  /**
   * The newest minutes, `HELD_MINUTES` at the most. A minute is learned when it
   * leaves: what turns out to be an anomaly never was.
   */
  readonly stretch: readonly Observation[];
  readonly baselines: Readonly<Record<AnomalyMetric, Baseline>>;
  readonly lasting: readonly Lasting[];
}

/** All that is known of one service. */
export interface DetectorState {
  /** The last minute that was judged, minutes since the epoch; -1: none. */
  readonly minute: number;
  /** Whether it ever served a request; one that does not has root spans. */
  readonly serves: boolean;
  /** By `edgeId`; "" is what the service serves. */
  readonly watched: ReadonlyMap<string, Watched>;
}

/** Knows nothing. */
export function emptyDetector(): DetectorState {
  return { minute: -1, serves: false, watched: new Map() };
}

/** Something new to watch. */
export function newlyWatched(
  edge: AnomalyEdge | null,
  minute: number,
): Watched {
  return {
    edge,
    sinceMinute: minute,
    heardMinute: minute,
    stretch: [],
    baselines: {
      latency_p95: emptyBaseline(),
      error_rate: emptyBaseline(),
      request_rate: emptyBaseline(),
    },
    lasting: [],
  };
}

/** How many anomalies last. */
export function lastingCount({ watched }: DetectorState): number {
  let count = 0;
  for (const { lasting } of watched.values()) count += lasting.length;
  return count;
}
