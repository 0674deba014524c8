import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import type { Span } from "../../src/spans/span.ts";
import { traceAnswer, traceSchema } from "../../src/trace_view/trace_answer.ts";
import {
  attributesOf,
  makeSpan,
  resourceOf,
  scopeOf,
  spanId,
  TRACE_ID,
  ZERO_NS,
} from "./make_span.ts";
import { traceArbitrary } from "./tree_arbitrary.ts";
import { wholeTraceArbitrary } from "./whole_span_arbitrary.ts";

const MANY = 50_000;
const AT = "2023-11-14T22:13:20.";

// The original document's example: the database call outlasts the frontend.
const FRONTEND = makeSpan({
  id: 1,
  from: 0,
  to: 200,
  resource: resourceOf("frontend"),
}, { name: "frontend.handleRequest", kind: SpanKind.SERVER });
const API = makeSpan({
  id: 2,
  parent: 1,
  from: 50,
  to: 450,
  resource: resourceOf("api"),
}, { name: "api.processOrder", kind: SpanKind.SERVER });
const DATABASE = makeSpan({
  id: 3,
  parent: 2,
  from: 60,
  to: 440,
  resource: resourceOf("api"),
}, {
  name: "database.query",
  kind: SpanKind.CLIENT,
  status: { code: StatusCode.ERROR, message: "connection timeout" },
});

test("traceAnswer() tells of the whole trace", () => {
  const links = ({ kind }: Span) =>
    kind === SpanKind.CLIENT
      ? [{
        resource_id: "aws:rds:rds-prod-01",
        resource_type: "rds",
        confidence: 0.6,
      }]
      : [];
  const trace = traceAnswer([DATABASE, API, FRONTEND, API], { links });
  expect(trace).toMatchObject({
    trace_id: TRACE_ID,
    start_time: `${AT}000000000Z`,
    end_time: `${AT}000000450Z`,
    duration: 450,
    span_count: 3,
    services: ["api", "frontend"],
    has_error: true,
    root_span_id: spanId(1),
    missing_parents: 0,
    critical_path: [
      { span_id: spanId(1), start_time: `${AT}000000000Z`, duration_ns: 50 },
      { span_id: spanId(2), start_time: `${AT}000000050Z`, duration_ns: 10 },
      { span_id: spanId(3), start_time: `${AT}000000060Z`, duration_ns: 140 },
    ],
  });
  expect(
    trace?.spans.map((span) => [
      span.operation_name,
      span.service_name,
      span.status_code,
      span.duration_ns,
      span.self_time_ns,
      span.on_critical_path,
      span.resources?.[0]?.resource_id,
    ]),
  ).toEqual([
    ["frontend.handleRequest", "frontend", "unset", 200, 50, true, undefined],
    ["api.processOrder", "api", "unset", 400, 20, true, undefined],
    [
      "database.query",
      "api",
      "error",
      380,
      380,
      true,
      "aws:rds:rds-prod-01",
    ],
  ]);
  traceSchema.parse(trace);
});

test("traceAnswer() gives every field of a span", () => {
  const span = makeSpan({
    id: 10,
    parent: 9,
    from: 1,
    to: 5,
    resource: {
      attributes: attributesOf({ "host.name": "web-1" }),
      droppedAttributes: 1,
      schemaUrl: "https://r",
    },
  }, {
    traceState: "ot=th:8",
    flags: 0x101,
    kind: SpanKind.PRODUCER,
    attributes: attributesOf({
      int: 7n,
      large: -(2n ** 63n),
      double: 0.5,
      none: Number.NaN,
      bytes: Uint8Array.of(255, 0),
      list: ["a", 1n, null],
      map: attributesOf({ deep: attributesOf({ yes: true }) }),
    }),
    droppedAttributes: 2,
    events: [{
      timeNs: ZERO_NS + 2n,
      name: "exception",
      attributes: attributesOf({ "exception.type": "E" }),
      droppedAttributes: 3,
    }],
    droppedEvents: 4,
    links: [{
      traceId: "f".repeat(32),
      spanId: "e".repeat(16),
      traceState: "a=b",
      attributes: attributesOf({ why: "batch" }),
      droppedAttributes: 5,
      flags: 1,
    }],
    droppedLinks: 6,
    status: { code: StatusCode.OK, message: "fine" },
    scope: {
      ...scopeOf("lib", "1.2"),
      attributes: attributesOf({ a: 1n }),
      droppedAttributes: 7,
      schemaUrl: "https://s",
    },
  });
  const trace = traceAnswer([span]);
  expect(trace?.missing_parents).toBe(1);
  expect(trace?.spans).toEqual([{
    trace_id: TRACE_ID,
    span_id: "000000000000000a",
    parent_span_id: "0000000000000009",
    service_name: "unknown_service",
    operation_name: "operation 10",
    kind: "producer",
    start_time: `${AT}000000001Z`,
    end_time: `${AT}000000005Z`,
    duration_ns: 4,
    self_time_ns: 4,
    on_critical_path: true,
    skew_adjustment_ns: 0,
    status_code: "ok",
    status_message: "fine",
    resource_attrs: { "host.name": "web-1" },
    resource_dropped_attributes_count: 1,
    resource_schema_url: "https://r",
    scope: {
      name: "lib",
      version: "1.2",
      schema_url: "https://s",
      attributes: { a: 1 },
      dropped_attributes_count: 7,
    },
    attributes: {
      int: 7,
      large: "-9223372036854775808",
      double: 0.5,
      none: "NaN",
      bytes: "/wA=",
      list: ["a", 1, null],
      map: { deep: { yes: true } },
    },
    dropped_attributes_count: 2,
    events: [{
      time: `${AT}000000002Z`,
      name: "exception",
      attributes: { "exception.type": "E" },
      dropped_attributes_count: 3,
    }],
    dropped_events_count: 4,
    links: [{
      trace_id: "f".repeat(32),
      span_id: "e".repeat(16),
      trace_state: "a=b",
      flags: 1,
      attributes: { why: "batch" },
      dropped_attributes_count: 5,
    }],
    dropped_links_count: 6,
    trace_state: "ot=th:8",
    flags: 257,
  }]);
});

test("traceAnswer() shows an adjustment, and leaves the times as sent", () => {
  const trace = traceAnswer([
    makeSpan({ id: 1, from: 100, to: 200, resource: resourceOf("a") }),
    makeSpan({ id: 2, parent: 1, from: 0, to: 50, resource: resourceOf("b") }),
  ]);
  expect(trace).toMatchObject({
    root_span_id: spanId(1),
    start_time: `${AT}000000000Z`,
    duration: 200,
  });
  expect(
    trace?.spans.map((span) => [
      span.start_time,
      span.skew_adjustment_ns,
      span.self_time_ns,
    ]),
  ).toEqual([[`${AT}000000000Z`, 125, 50], [`${AT}000000100Z`, 0, 50]]);
  expect(trace?.critical_path.map((part) => part.start_time)).toEqual([
    `${AT}000000100Z`,
    `${AT}000000125Z`,
    `${AT}000000175Z`,
  ]);
});

test("traceAnswer() of no spans is undefined", () => {
  expect(traceAnswer([])).toBeUndefined();
});

test("traceAnswer() is a Trace of whatever spans, in whatever order", () => {
  fc.assert(fc.property(traceArbitrary, (spans) => {
    const trace = traceAnswer(spans);
    expect(traceSchema.parse(trace)).toEqual(trace);
    expect(traceAnswer(spans.toReversed())).toEqual(trace);
    const onPath = trace?.spans.filter((span) => span.on_critical_path)
      .map((span) => span.span_id).sort();
    expect([...new Set(trace?.critical_path.map((part) => part.span_id))]
      .sort()).toEqual(onPath);
  }));
});

test("traceAnswer() is JSON of whatever a span holds", () => {
  fc.assert(fc.property(wholeTraceArbitrary, (spans) => {
    const trace = traceAnswer(spans);
    expect(trace?.span_count).toBe(spans.length > 0 ? spans.length : undefined);
    if (trace === undefined) return;
    const read = traceSchema.parse(JSON.parse(JSON.stringify(trace)));
    expect(read).toEqual(trace);
  }));
});

// Quadratic time would be minutes, recursion an overflow of the stack.
test("traceAnswer() answers 50,000 spans in a chain and in a fan", () => {
  const chain = traceAnswer(
    Array.from(
      { length: MANY },
      (_, at) =>
        makeSpan({ id: at + 1, parent: at, from: at, to: 2 * MANY - at }),
    ),
  );
  expect(chain?.critical_path).toHaveLength(2 * MANY - 1);
  expect(chain?.spans[0]?.self_time_ns).toBe(2);
  const fan = traceAnswer([
    makeSpan({ id: 1, from: 0, to: 2 * MANY }),
    ...Array.from(
      { length: MANY },
      (_, at) =>
        makeSpan({ id: at + 2, parent: 1, from: 2 * at, to: 2 * at + 1 }),
    ),
  ]);
  expect(fan?.critical_path).toHaveLength(2 * MANY);
  expect(fan?.spans[0]?.self_time_ns).toBe(MANY);
  const circle = traceAnswer(
    Array.from(
      { length: MANY },
      (_, at) =>
        makeSpan({ id: at + 1, parent: at || MANY, from: at, to: at + 1 }),
    ),
  );
  expect(circle?.span_count).toBe(MANY);
}, 20_000);
