/** What is measured on an edge or a service. */
export type Metric =
  | "latency_p50"
  | "latency_p95"
  | "latency_p99"
  | "error_rate"
  | "missing_callee";

/** Where something is measured. */
export interface Place {
  /** `nodeId` of the service that notices: the caller of an edge. */
  readonly service: string;
  /** `edgeId`; null: what the service itself serves. */
  readonly edge: string | null;
  /** `nodeId` that is called; null where `edge` is. */
  readonly callee: string | null;
}

/** What one figure of one place did after a change. */
export interface Effect extends Place {
  readonly metric: Metric;
  /** How closely the change is linked to the place, above 0, at most 1. */
  readonly closeness: number;
  /**
   * The rise: log2 of the ratio of latencies; failed by requests; calls that
   * are missing, by the caller's requests.
   */
  readonly rise: number;
  /** The level before, in the same unit. */
  readonly level: number;
  /** How often chance alone does as much, 0 to 1. */
  readonly p: number;
  /** Whether enough other times are known to tell chance from effect. */
  readonly calibrated: boolean;
  /** Share of false finds, for all that was looked at. */
  readonly q: number;
  /** Whether it is large enough for anyone to care. */
  readonly large: boolean;
  /** First minute of the strongest stretch, of the series. */
  readonly start: number;
  /** Its length, minutes. */
  readonly length: number;
  /** Requests before and after. */
  readonly samples: { readonly before: number; readonly after: number };
  /** Minutes from the change to the onset; null where none is seen. */
  readonly lag: { readonly least: number; readonly most: number } | null;
}
