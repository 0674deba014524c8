import type { Severity } from "../drift/drift.ts";
import type { ConnectionType } from "../map/service_window.ts";

/** What is watched of an edge, and of what a service serves. */
export const ANOMALY_METRICS = [
  "latency_p95",
  "error_rate",
  "request_rate",
] as const;

/** Latency in ns, errors as a ratio from 0 to 1, requests a second. */
export type AnomalyMetric = (typeof ANOMALY_METRICS)[number];

/** Where the baseline came from. */
export const BASELINE_SOURCES = ["same_hour", "day"] as const;

/** The same hour of earlier days, or, on the first day, the day so far. */
export type BaselineSource = (typeof BASELINE_SOURCES)[number];

/** How an anomaly ended. */
export const ANOMALY_ENDS = ["calm", "no_data", "new_normal"] as const;

/**
 * It went away; there are too few requests to tell; or it lasted for so long
 * that it is what is to be expected.
 */
export type AnomalyEnd = (typeof ANOMALY_ENDS)[number];

/** The edge that an anomaly is on. */
export interface AnomalyEdge {
  /** `edgeId`. */
  readonly id: string;
  /** `nodeId`. */
  readonly from: string;
  /** `nodeId`. */
  readonly to: string;
  readonly connectionType: ConnectionType;
}

/** One minute of an anomaly, in the unit of its metric. */
export interface AnomalyMinute {
  /** Start of the minute, ms since the epoch. */
  readonly startMs: number;
  readonly value: number;
  readonly baseline: number;
}

/** Something that is not as it was, for minutes. */
export interface Anomaly {
  /** Unique within a tenant; the same whenever it is worked out again. */
  readonly id: string;
  /** `nodeId` of the service that it is in: of an edge, the caller. */
  readonly service: string;
  /** null: in what the service serves. */
  readonly edge: AnomalyEdge | null;
  readonly metric: AnomalyMetric;
  /** The worst so far. */
  readonly severity: Severity;
  /** Start of its first minute, ms since the epoch. */
  readonly startedMs: number;
  /** End of the minute that raised it; null: recorded and not raised. */
  readonly raisedMs: number | null;
  /** End of its last minute; null: it lasts. */
  readonly endedMs: number | null;
  readonly endReason: AnomalyEnd | null;
  /** What was to be expected when it began. */
  readonly baseline: number;
  readonly baselineSource: BaselineSource;
  /** The furthest from it, over `HELD_MINUTES`. */
  readonly observed: number;
  /** Its first minutes, `MAX_EVIDENCE_MINUTES` at the most. */
  readonly evidence: readonly AnomalyMinute[];
  /** Trace ids, 32 hex digits. */
  readonly sampleTraces: readonly string[];
  /** Grows with each account of it. */
  readonly revision: number;
}

/** A change of the infrastructure that may be behind an anomaly. */
export interface Candidate {
  /** Id of the drift event. */
  readonly driftEvent: string;
  /** 0 to 1, the best first. */
  readonly score: number;
  /** From 1. */
  readonly rank: number;
  /** From the drift's resource to the service; empty: linked to nothing. */
  readonly path: readonly string[];
  /** From the drift to the anomaly's start, ms. */
  readonly lagMs: number;
  /** In plain words. */
  readonly reasons: readonly string[];
}
