import type { Anomaly } from "../anomaly/anomaly.ts";
import { durationText, percentText } from "../correlation/plain_words.ts";
import { nodeOfId } from "../map/node_identity.ts";
import type { Alert } from "./alert.ts";

const MS_PER_MINUTE = 60_000;
const FIGURES = 3;

/**
 * An alert in one sentence.
 *
 * @example
 * ```ts
 * import { alertText } from "../src/alerts/alert_text.ts";
 *
 * const anomaly = {
 *   id: "a", service: "shop/cart", edge: null, metric: "error_rate",
 *   severity: "high", startedMs: Date.UTC(2026, 0, 31, 14, 30), raisedMs: null,
 *   endedMs: null, endReason: null, baseline: 0.001, baselineSource: "day",
 *   observed: 0.023, evidence: [], sampleTraces: [], revision: 1,
 * } as const;
 * expect(alertText({
 *   type: "anomaly.raised", tenant: "default", anomaly, candidates: null,
 *   timeMs: 0,
 * })).toBe("cart: error rate 0.1% → 2.3% since 14:30 UTC");
 * ```
 */
export function alertText({ type, anomaly }: Alert): string {
  const { startedMs, endedMs } = anomaly;
  const what = `${placeText(anomaly)}: ${figuresText(anomaly)}`;
  if (type === "anomaly.raised" || endedMs === null) {
    return `${what} since ${clockText(startedMs)}`;
  }
  const minutes = Math.round((endedMs - startedMs) / MS_PER_MINUTE);
  return `${what} from ${
    clockText(startedMs)
  } is over after ${minutes} minutes`;
}

/** `cart → stock`, or the service alone. */
function placeText({ service, edge }: Anomaly): string {
  const nodes = edge === null ? [service] : [edge.from, edge.to];
  return nodes.map((id) => nodeOfId(id).name).join(" → ");
}

function figuresText({ metric, baseline, observed }: Anomaly): string {
  switch (metric) {
    case "latency_p95":
      return `p95 latency ${durationText(baseline)} → ${
        durationText(observed)
      }`;
    case "error_rate":
      return `error rate ${percentText(baseline)} → ${percentText(observed)}`;
    case "request_rate":
      return `${rateText(baseline)} → ${rateText(observed)} requests a second`;
  }
}

function rateText(rate: number): string {
  return String(Number(rate.toPrecision(FIGURES)));
}

/** `14:30 UTC`. */
function clockText(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 16)} UTC`;
}
