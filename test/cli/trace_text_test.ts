import fc from "fast-check";
import { expect, test } from "vitest";
import { styleOf } from "../../src/cli/style.ts";
import { type AnsweredTrace, traceText } from "../../src/cli/trace_text.ts";

const START_MS = Date.parse("2026-01-31T12:00:00.000Z");
type Span = AnsweredTrace["spans"][number];

test("traceText() draws the spans as a tree, and when each ran", () => {
  const trace = traceOf([
    spanOf("a", "", { startMs: 0, ms: 100, critical: true }),
    spanOf("b", "a", { startMs: 10, ms: 40 }),
    spanOf("d", "b", { startMs: 20, ms: 20, error: "no route" }),
    spanOf("c", "a", { startMs: 50, ms: 50, critical: true, selfMs: 50 }),
  ]);
  expect(traceText(trace, styleOf(false), 60).split("\n")).toEqual([
    "Trace ID: 0af7651916cd43dd8448eb211c80319c",
    "Start:    2026-01-31 12:00:00 UTC",
    "Duration: 100 ms",
    "Status:   ERROR",
    "Spans:    4 of 1 services",
    "",
    "web a                              100 ms  █████████████████",
    "├─ web b                            40 ms   ▒▒▒▒▒▒▒",
    "│  └─ web d                         20 ms     ▒▒▒ ✗",
    "│       Error: no route",
    "└─ web c                            50 ms          █████████ ← SLOW",
    "",
  ]);
});

test("traceText() shows each span once, whichever are whose parents", () => {
  const trees = fc.integer({ min: 1, max: 40 }).chain((count) =>
    fc.array(fc.integer({ min: -1, max: count - 1 }), {
      minLength: count,
      maxLength: count,
    })
  );
  fc.assert(fc.property(trees, (parents) => {
    const spans = parents.map((parent, at) =>
      spanOf(`s${at}`, parent < 0 ? "" : `s${parent}`, { startMs: at, ms: 5 })
    );
    const text = traceText(traceOf(spans), styleOf(false), 120);
    const drawn = [...text.matchAll(/web (s\d+) /g)].map(([, name = ""]) =>
      name
    );
    expect(drawn.toSorted()).toEqual(spans.map((span) => span.span_id).sort());
  }));
});

test("traceText() tells what was changed before, and where spans ran", () => {
  const span = {
    ...spanOf("a", "", { startMs: 0, ms: 1 }),
    resources: [{
      resource_id: "aws:rds:prod",
      resource_type: "",
      confidence: 1,
    }],
  };
  const trace = traceOf([span]);
  trace.drift_events.push({
    id: "sg-1",
    resource_id: "aws:sg:sg-1",
    resource_type: "aws_security_group",
    type: "modified",
    timestamp: "2026-01-31T11:32:00.000Z",
    severity: "high",
    source: "test",
    impacted_resources: [],
    metadata: {},
    truncated: [],
  });
  const text = traceText(trace, styleOf(false), 100);
  expect(text).toContain("\n  on aws:rds:prod\n");
  expect(text).toContain(
    "\n2026-01-31 11:32:00  sg-1  high modified of aws:sg:sg-1\n",
  );
});

interface SpanFacts {
  readonly startMs: number;
  readonly ms: number;
  readonly critical?: boolean;
  readonly selfMs?: number;
  readonly error?: string;
}

function spanOf(
  span_id: string,
  parent_span_id: string,
  { startMs, ms, critical = false, selfMs = 0, error }: SpanFacts,
): Span {
  return {
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    span_id,
    ...parent_span_id === "" ? {} : { parent_span_id },
    service_name: "web",
    operation_name: span_id,
    kind: "internal",
    start_time: new Date(START_MS + startMs).toISOString(),
    end_time: new Date(START_MS + startMs + ms).toISOString(),
    duration_ns: ms * 1e6,
    self_time_ns: selfMs * 1e6,
    on_critical_path: critical,
    skew_adjustment_ns: 0,
    status_code: error === undefined ? "unset" : "error",
    status_message: error ?? "",
    resource_attrs: {},
    resource_dropped_attributes_count: 0,
    resource_schema_url: "",
    scope: {
      name: "",
      version: "",
      schema_url: "",
      attributes: {},
      dropped_attributes_count: 0,
    },
    attributes: {},
    dropped_attributes_count: 0,
    events: [],
    dropped_events_count: 0,
    links: [],
    dropped_links_count: 0,
    trace_state: "",
    flags: 1,
  };
}

function traceOf(spans: Span[]): AnsweredTrace {
  return {
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    spans,
    start_time: new Date(START_MS).toISOString(),
    end_time: new Date(START_MS + 100).toISOString(),
    duration: 100e6,
    span_count: spans.length,
    services: ["web"],
    has_error: spans.some(({ status_code }) => status_code === "error"),
    root_span_id: spans[0]?.span_id ?? "",
    missing_parents: 0,
    critical_path: [],
    warnings: [],
    drift_events: [],
  };
}
