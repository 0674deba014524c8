import { edgeNodes } from "./edge_nodes.ts";
import type { Effect, Metric } from "./effect.ts";

const NS_PER_MS = 1e6;
const MS_PER_S = 1000;
const FIGURES = 3;
const SMALLEST_DECIMAL = 0.05;

const METRIC_TEXTS: Readonly<Record<Metric, string>> = {
  latency_p50: "p50 latency",
  latency_p95: "p95 latency",
  latency_p99: "p99 latency",
  error_rate: "error rate",
  missing_callee: "calls",
};

/** `120 ms`, `1.5 s`. */
export function durationText(ns: number): string {
  const ms = ns / NS_PER_MS;
  return ms >= MS_PER_S
    ? `${significant(ms / MS_PER_S)} s`
    : `${significant(ms)} ms`;
}

/**
 * A ratio as per cent, with one decimal.
 *
 * @example
 * ```ts
 * import { percentText } from "../src/correlation/plain_words.ts";
 *
 * expect(percentText(0.023)).toBe("2.3%");
 * ```
 */
export function percentText(ratio: number): string {
  const percent = ratio * 100;
  const text = Math.abs(percent) >= SMALLEST_DECIMAL
    ? Number(percent.toFixed(1))
    : Number(percent.toPrecision(1));
  return `${text}%`;
}

/** What an effect is, as in `api → orders: p95 latency 120 ms → 450 ms`. */
export function effectText(
  { service, edge, metric, level, rise }: Effect,
): string {
  const place = edge === null ? service : edgeNodes(edge).join(" → ");
  const name = METRIC_TEXTS[metric];
  if (metric === "missing_callee") {
    const lost = percentText(Math.min(1, rise / -level));
    return `${place}: ${lost} of the ${name} are missing`;
  }
  const figures = metric === "error_rate"
    ? [percentText(Math.max(0, level)), percentText(Math.min(1, level + rise))]
    : [durationText(2 ** level), durationText(2 ** (level + rise))];
  return `${place}: ${name} ${figures.join(" → ")}`;
}

/** When something began, seen from a change. */
export function lagText(lag: Effect["lag"]): string {
  if (lag === null) return "from no minute in particular on";
  const { least, most } = lag;
  if (most < 0) return `from ${-most} minutes before the change on`;
  if (least <= 0) return "from the change on";
  return least === most
    ? `from ${least} minutes after the change on`
    : `from ${least} to ${most} minutes after the change on`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(FIGURES)));
}
