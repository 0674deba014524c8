import { type Count, type CounterName, COUNTERS } from "./counters.ts";
import type { Metric } from "./metric.ts";

/**
 * What was counted, as metrics. Of a tenant's, a counter without reason is there
 * from the start, since a rate needs a first value; of the deployment's own,
 * only what was counted is there.
 *
 * @example
 * ```ts
 * import { counterMetrics } from "../src/telemetry/counter_metrics.ts";
 *
 * const counts = [{ counter: "requests", reason: "200", amount: 7 }] as const;
 * const [requests] = counterMetrics(counts, "tracecore");
 * expect(requests?.samples).toEqual([{ labels: { status: "200" }, value: 7 }]);
 * ```
 */
export function counterMetrics(
  counts: readonly Count[],
  prefix: "tracecore" | "tracecore_deployment",
): readonly Metric[] {
  return (Object.keys(COUNTERS) as CounterName[]).map((name) => {
    const { help, reason }: { help: string; reason?: string } = COUNTERS[name];
    const samples = counts.filter(({ counter }) => counter === name)
      .map((count) => ({
        labels: reason === undefined ? {} : { [reason]: count.reason },
        value: count.amount,
      }));
    const startsAtZero = prefix === "tracecore" && reason === undefined;
    if (startsAtZero && samples.length === 0) {
      samples.push({ labels: {}, value: 0 });
    }
    return { name: `${prefix}_${name}`, help, type: "counter", samples };
  });
}
