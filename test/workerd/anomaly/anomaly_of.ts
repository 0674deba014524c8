import type { Anomaly } from "../../../src/anomaly/anomaly.ts";

/** A moment at which tests of stored anomalies play. */
export const NOW_MS = Date.parse("2026-01-31T14:40:00Z");

/** An anomaly of 10 minutes before. */
export function anomalyOf(id: string, other: Partial<Anomaly> = {}): Anomaly {
  const startedMs = NOW_MS - 600_000;
  return {
    id,
    service: "shop/cart",
    edge: {
      id: "shop/cart\nstock\n\n0\n",
      from: "shop/cart",
      to: "stock",
      connectionType: "",
    },
    metric: "latency_p95",
    severity: "high",
    startedMs,
    raisedMs: startedMs + 300_000,
    endedMs: null,
    endReason: null,
    baseline: 120e6,
    baselineSource: "day",
    observed: 450e6,
    evidence: [{ startMs: startedMs, value: 450e6, baseline: 120e6 }],
    sampleTraces: ["4bf92f3577b34da6a3ce929d0e0e4736"],
    revision: 1,
    ...other,
  };
}
