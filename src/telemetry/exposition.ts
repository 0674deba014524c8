import type {
  AnyMetric,
  Exemplar,
  HistogramMetric,
  HistogramSample,
  Metric,
  MetricSample,
} from "./metric.ts";

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

/** Lines that one part of an exposition has, about. */
export const LINES_PER_PART = 2000;

/**
 * Metrics as a scraper reads them. What differs between the formats: in
 * OpenMetrics a counter's family has no `_total`, quotes in a help text are
 * escaped, a bound has a decimal point, buckets have exemplars, and the end is
 * marked.
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
  metrics: readonly AnyMetric[],
  format: ExpositionFormat,
): string {
  return [...expositionParts(metrics, format)].join("");
}

/** The same in parts: all of it at once would take much memory. */
export function* expositionParts(
  metrics: readonly AnyMetric[],
  format: ExpositionFormat,
): Generator<string, undefined> {
  let lines: string[] = [];
  for (const metric of metrics) {
    if (metric.samples.length === 0) continue;
    for (const line of linesOf(metric, format)) {
      lines.push(line);
      if (lines.length < LINES_PER_PART) continue;
      yield `${lines.join("\n")}\n`;
      lines = [];
    }
  }
  if (format === "openmetrics") lines.push("# EOF");
  if (lines.length > 0) yield `${lines.join("\n")}\n`;
}

function* linesOf(
  metric: AnyMetric,
  format: ExpositionFormat,
): Generator<string> {
  const family = familyName(metric, format);
  yield `# HELP ${family} ${escapedHelp(metric.help, format)}`;
  yield `# TYPE ${family} ${metric.type}`;
  if (metric.type === "histogram") {
    yield* histogramLines(metric, format);
    return;
  }
  const name = sampleName(metric);
  for (const { labels, value } of metric.samples) {
    yield `${name}${labelText(labels)} ${value}`;
  }
}

function* histogramLines(
  { name, bounds, samples }: HistogramMetric,
  format: ExpositionFormat,
): Generator<string> {
  const les = bounds.map((bound) => `le="${boundText(bound, format)}"`);
  les.push('le="+Inf"');
  for (const sample of samples) {
    const pairs = labelPairs(sample.labels);
    const before = pairs === "" ? "" : `${pairs},`;
    const labels = pairs === "" ? "" : `{${pairs}}`;
    for (const [at, le] of les.entries()) {
      const value = sample.buckets[at] ?? sample.count;
      yield `${name}_bucket{${before}${le}} ${value}` +
        exemplarText(sample, at, format);
    }
    yield `${name}_sum${labels} ${sample.sum}`;
    yield `${name}_count${labels} ${sample.count}`;
  }
}

function sampleName({ name, type }: Metric): string {
  return type === "counter" ? `${name}_total` : name;
}

function familyName(metric: AnyMetric, format: ExpositionFormat): string {
  if (metric.type === "histogram" || format === "openmetrics") {
    return metric.name;
  }
  return sampleName(metric);
}

function boundText(bound: number, format: ExpositionFormat): string {
  const isWhole = format === "openmetrics" && Number.isInteger(bound);
  return isWhole ? `${bound}.0` : String(bound);
}

/** The text format has none. */
function exemplarText(
  { exemplars }: HistogramSample,
  at: number,
  format: ExpositionFormat,
): string {
  const exemplar: Exemplar | null = exemplars[at] ?? null;
  if (exemplar === null || format === "text") return "";
  // Without a time, which is then that of the scrape: a slower trace can take
  // the place of a later one, and Prometheus warns where a time goes back.
  const { traceId, value } = exemplar;
  return ` # {trace_id="${escaped(traceId)}"} ${value}`;
}

function labelText(labels: MetricSample["labels"]): string {
  const pairs = labelPairs(labels);
  return pairs === "" ? "" : `{${pairs}}`;
}

function labelPairs(labels: MetricSample["labels"]): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`).join(",");
}

function escapedHelp(help: string, format: ExpositionFormat): string {
  if (format === "openmetrics") return escaped(help);
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")
    .replaceAll('"', '\\"');
}
