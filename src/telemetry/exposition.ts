import type { Metric, MetricSample } from "./metric.ts";

/** A format that Prometheus reads. */
export type ExpositionFormat = "text" | "openmetrics";

/** `Content-Type` of each format. */
export const EXPOSITION_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

const OPENMETRICS = "application/openmetrics-text";
const WITHOUT_QUALITY = /;\s*q=0(\.0*)?\s*(;|$)/i;

/** The format that a scraper asks for: OpenMetrics where it takes it. */
export function expositionFormat(accept: string | null): ExpositionFormat {
  const takes = (accept ?? "").split(",").some((range) =>
    range.trim().toLowerCase().startsWith(OPENMETRICS) &&
    !WITHOUT_QUALITY.test(range)
  );
  return takes ? "openmetrics" : "text";
}

/**
 * Metrics as a scraper reads them. What differs between the formats: in
 * OpenMetrics a counter's family has no `_total`, quotes in a help text are
 * escaped, and the end is marked.
 *
 * Source: Prometheus exposition formats, text format 0.0.4; OpenMetrics 1.0.0.
 *
 * @example A counter
 * ```ts
 * import { exposition } from "../src/telemetry/exposition.ts";
 *
 * const requests = {
 *   name: "tracecore_requests",
 *   help: "Requests, by the status answered",
 *   type: "counter",
 *   samples: [{ labels: { status: "200" }, value: 7 }],
 * } as const;
 * expect(exposition([requests], "text")).toBe([
 *   "# HELP tracecore_requests_total Requests, by the status answered",
 *   "# TYPE tracecore_requests_total counter",
 *   'tracecore_requests_total{status="200"} 7',
 *   "",
 * ].join("\n"));
 * ```
 */
export function exposition(
  metrics: readonly Metric[],
  format: ExpositionFormat,
): string {
  const lines = metrics.filter(({ samples }) => samples.length > 0)
    .flatMap((metric) => linesOf(metric, format));
  if (format === "openmetrics") lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

function linesOf(metric: Metric, format: ExpositionFormat): readonly string[] {
  const sample = metric.type === "counter"
    ? `${metric.name}_total`
    : metric.name;
  const family = format === "openmetrics" ? metric.name : sample;
  return [
    `# HELP ${family} ${escapedHelp(metric.help, format)}`,
    `# TYPE ${family} ${metric.type}`,
    ...metric.samples.map(({ labels, value }) =>
      `${sample}${labelText(labels)} ${value}`
    ),
  ];
}

function labelText(labels: MetricSample["labels"]): string {
  const pairs = Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapedHelp(help: string, format: ExpositionFormat): string {
  if (format === "openmetrics") return escaped(help);
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
    .replaceAll('"', '\\"');
}
