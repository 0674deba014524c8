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
