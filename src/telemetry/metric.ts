/** One value of a metric. */
export interface MetricSample {
  /** By name, in the order in which they are written. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric, as Prometheus knows it: one name, several values. */
export interface Metric {
  /** With its prefix and unit, without the `_total` of a counter. */
  readonly name: string;
  /** One sentence, without a full stop. */
  readonly help: string;
  readonly type: "counter" | "gauge";
  /** No two have the same labels. */
  readonly samples: readonly MetricSample[];
}

/** A trace that shows what a bucket holds. */
export interface Exemplar {
  /** 32 hex digits. */
  readonly traceId: string;
  /** What was observed, in the metric's unit. */
  readonly value: number;
}

/** A histogram of some labels. */
export interface HistogramSample {
  /** By name, in the order in which they are written. */
  readonly labels: Readonly<Record<string, string>>;
  /** How many were at most each bound of the metric. */
  readonly buckets: readonly number[];
  readonly sum: number;
  readonly count: number;
  /** One for each bucket and one beyond them, null where there is none. */
  readonly exemplars: readonly (Exemplar | null)[];
}

/** A classic histogram, as Prometheus knows it. */
export interface HistogramMetric {
  readonly name: string;
  /** One sentence, without a full stop. */
  readonly help: string;
  readonly type: "histogram";
  /** Upper bounds, ascending, without infinity. */
  readonly bounds: readonly number[];
  /** No two have the same labels. */
  readonly samples: readonly HistogramSample[];
}

/** Whatever `/metrics` can hold. */
export type AnyMetric = Metric | HistogramMetric;
