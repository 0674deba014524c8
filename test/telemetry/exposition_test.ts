import fc from "fast-check";
import { expect, test } from "vitest";
import {
  exposition,
  EXPOSITION_TYPES,
  expositionFormat,
  expositionParts,
  LINES_PER_PART,
} from "../../src/telemetry/exposition.ts";
import type { HistogramMetric, Metric } from "../../src/telemetry/metric.ts";
import { parseExposition } from "./parse_exposition.ts";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const FORMATS = ["text", "openmetrics"] as const;

test.each(FORMATS)("exposition() keeps any label and value: %s", (format) => {
  const value = fc.oneof(
    fc.nat(),
    fc.double({ noNaN: true, min: 0, max: 1e30 }),
  );
  const sample = fc.tuple(
    fc.string({
      unit: fc.constantFrom("\\", '"', "\n", "n", "é", "}", ",", "="),
    }),
    value,
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(sample, { selector: ([label]) => label, minLength: 1 }),
      (samples) => {
        const metric: Metric = {
          name: "tracecore_x",
          help: 'A "help"\\\nof two lines',
          type: "counter",
          samples: samples.map(([limit, value]) => ({
            labels: { limit },
            value,
          })),
        };
        const families = parseExposition(exposition([metric], format), format);
        const name = format === "text" ? "tracecore_x_total" : "tracecore_x";
        expect([...families.get(name)?.samples ?? []]).toEqual(
          samples.map(([limit, value]) => [JSON.stringify({ limit }), value]),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("exposition() writes each format to the letter", () => {
  const metrics: readonly Metric[] = [
    {
      name: "tracecore_spans",
      help: 'Spans "taken"\nin \\ out',
      type: "counter",
      samples: [{ labels: { a: "1", b: 'q"' }, value: 3 }],
    },
    { name: "tracecore_none", help: "None", type: "gauge", samples: [] },
    {
      name: "tracecore_lag_seconds",
      help: "Lag",
      type: "gauge",
      samples: [{ labels: {}, value: 0.25 }],
    },
  ];
  expect(exposition(metrics, "text")).toBe(
    '# HELP tracecore_spans_total Spans "taken"\\nin \\\\ out\n' +
      "# TYPE tracecore_spans_total counter\n" +
      'tracecore_spans_total{a="1",b="q\\""} 3\n' +
      "# HELP tracecore_lag_seconds Lag\n" +
      "# TYPE tracecore_lag_seconds gauge\n" +
      "tracecore_lag_seconds 0.25\n",
  );
  expect(exposition(metrics, "openmetrics")).toBe(
    '# HELP tracecore_spans Spans \\"taken\\"\\nin \\\\ out\n' +
      "# TYPE tracecore_spans counter\n" +
      'tracecore_spans_total{a="1",b="q\\""} 3\n' +
      "# HELP tracecore_lag_seconds Lag\n" +
      "# TYPE tracecore_lag_seconds gauge\n" +
      "tracecore_lag_seconds 0.25\n" +
      "# EOF\n",
  );
});

test("exposition() writes histograms to the letter, exemplars in OpenMetrics alone", () => {
  const histogram: HistogramMetric = {
    name: "x_seconds",
    help: "X",
    type: "histogram",
    bounds: [0.1, 1],
    samples: [{
      labels: { a: "1" },
      buckets: [2, 3],
      sum: 4.5,
      count: 4,
      exemplars: [null, { traceId: TRACE_ID, value: 0.5 }, null],
    }],
  };
  const text = exposition([histogram], "text");
  expect(text).toBe(
    "# HELP x_seconds X\n# TYPE x_seconds histogram\n" +
      'x_seconds_bucket{a="1",le="0.1"} 2\n' +
      'x_seconds_bucket{a="1",le="1"} 3\n' +
      'x_seconds_bucket{a="1",le="+Inf"} 4\n' +
      'x_seconds_sum{a="1"} 4.5\nx_seconds_count{a="1"} 4\n',
  );
  const open = exposition([histogram], "openmetrics");
  expect(open).toContain(
    `x_seconds_bucket{a="1",le="1.0"} 3 # {trace_id="${TRACE_ID}"} 0.5\n`,
  );
  const [family] = parseExposition(open, "openmetrics").values();
  expect([...family?.exemplars ?? []]).toEqual([
    [JSON.stringify({ a: "1", le: "1.0" }), TRACE_ID],
  ]);
  expect(parseExposition(text, "text").get("x_seconds")?.samples.size).toBe(5);
});

test("expositionParts() has the same in parts of LINES_PER_PART lines", () => {
  const metric: Metric = {
    name: "x",
    help: "X",
    type: "gauge",
    samples: Array.from({ length: LINES_PER_PART - 1 }, (_, at) => ({
      labels: { at: String(at) },
      value: at,
    })),
  };
  const parts = [...expositionParts([metric], "text")];
  expect(parts.map((part) => part.split("\n").length - 1))
    .toEqual([LINES_PER_PART, 1]);
  expect(parts.join("")).toBe(exposition([metric], "text"));
});

test.each([
  [null, "text"],
  ["*/*", "text"],
  ["text/plain;version=0.0.4", "text"],
  ["application/openmetrics-text;version=1.0.0;q=0,text/plain", "text"],
  ["application/openmetrics-text; q=0.0", "text"],
  ["Application/OpenMetrics-Text", "openmetrics"],
  // What Prometheus 3 sends.
  [
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
    "application/openmetrics-text;version=0.0.1;q=0.5," +
    "text/plain;version=1.0.0;q=0.4,*/*;q=0.2",
    "openmetrics",
  ],
])("expositionFormat() answers %j with %s", (accept, format) => {
  expect(expositionFormat(accept)).toBe(format);
});

test("EXPOSITION_TYPES say the version of each format", () => {
  expect(EXPOSITION_TYPES.text).toContain("version=0.0.4");
  expect(EXPOSITION_TYPES.openmetrics).toContain("version=1.0.0");
});
