import * as fc from "fast-check";
import { expect, test } from "vitest";
import { jaegerAnswer } from "../../src/jaeger/jaeger_answer.ts";
import {
  jaegerTrace,
  jaegerTracesSchema,
} from "../../src/jaeger/jaeger_trace.ts";
import type { Span } from "../../src/spans/span.ts";
import {
  attributesOf,
  makeSpan,
  resourceOf,
  scopeOf,
  spanId,
  TRACE_ID,
  ZERO_NS,
} from "../trace_view/make_span.ts";
import { wholeTraceArbitrary } from "../trace_view/whole_span_arbitrary.ts";

// otlp2jaeger-in.json and otlp2jaeger-out.json of Jaeger's own tests.
test("jaegerTrace() writes what Jaeger makes of the same OTLP", () => {
  const span = makeSpan({
    id: 1,
    from: 0,
    to: 0,
    resource: resourceOf("telemetrygen"),
  }, {
    traceId: "83a9efd15c1c98a977e0711cc93ee28b",
    spanId: "e127af99e3b3e074",
    parentSpanId: "909541b92cf05311",
    name: "okey-dokey-0",
    kind: 2,
    startNs: 1_706_678_909_209_712_000n,
    endNs: 1_706_678_909_209_835_000n,
    attributes: attributesOf({
      "net.peer.ip": "1.2.3.4",
      "peer.service": "telemetrygen-client",
    }),
    scope: scopeOf("telemetrygen"),
  });
  expect(jaegerTrace([span, span])).toStrictEqual({
    traceID: "83a9efd15c1c98a977e0711cc93ee28b",
    spans: [{
      traceID: "83a9efd15c1c98a977e0711cc93ee28b",
      spanID: "e127af99e3b3e074",
      operationName: "okey-dokey-0",
      references: [{
        refType: "CHILD_OF",
        traceID: "83a9efd15c1c98a977e0711cc93ee28b",
        spanID: "909541b92cf05311",
      }],
      startTime: 1_706_678_909_209_712,
      duration: 123,
      tags: [
        { key: "otel.scope.name", type: "string", value: "telemetrygen" },
        { key: "net.peer.ip", type: "string", value: "1.2.3.4" },
        { key: "peer.service", type: "string", value: "telemetrygen-client" },
        { key: "span.kind", type: "string", value: "server" },
      ],
      logs: [],
      processID: "p1",
      warnings: null,
    }],
    processes: { p1: { serviceName: "telemetrygen", tags: [] } },
    warnings: null,
  });
});

test("jaegerTrace() has a place for status, state, events and links", () => {
  const link = {
    traceId: TRACE_ID,
    spanId: spanId(7),
    traceState: "",
    attributes: attributesOf({}),
    droppedAttributes: 0,
    flags: 0,
  };
  const span = makeSpan({
    id: 2,
    parent: 1,
    from: 1999,
    to: 4998,
    resource: resourceOf("cart", { "host.name": "h" }),
  }, {
    scope: scopeOf("lib", "2"),
    flags: 0x301,
    kind: 0,
    traceState: "a=b",
    status: { code: 2, message: "no stock" },
    links: [
      link,
      {
        ...link,
        traceId: "f".repeat(32),
        attributes: attributesOf({ "opentracing.ref_type": "child_of" }),
      },
    ],
    events: [
      {
        timeNs: ZERO_NS + 2001n,
        name: "exception",
        attributes: attributesOf({ "exception.type": "E" }),
        droppedAttributes: 0,
      },
      {
        timeNs: ZERO_NS,
        name: "log",
        attributes: attributesOf({ event: "own" }),
        droppedAttributes: 0,
      },
    ],
  });
  expect(jaegerTrace([span]).spans).toStrictEqual([{
    traceID: TRACE_ID,
    spanID: spanId(2),
    flags: 1,
    operationName: "operation 2",
    references: [
      { refType: "CHILD_OF", traceID: TRACE_ID, spanID: spanId(1) },
      { refType: "FOLLOWS_FROM", traceID: TRACE_ID, spanID: spanId(7) },
      { refType: "CHILD_OF", traceID: "f".repeat(32), spanID: spanId(7) },
    ],
    startTime: 1_700_000_000_000_001,
    duration: 2,
    tags: [
      { key: "otel.scope.name", type: "string", value: "lib" },
      { key: "otel.scope.version", type: "string", value: "2" },
      { key: "otel.status_code", type: "string", value: "ERROR" },
      { key: "error", type: "bool", value: true },
      { key: "otel.status_description", type: "string", value: "no stock" },
      { key: "w3c.tracestate", type: "string", value: "a=b" },
    ],
    logs: [
      {
        timestamp: 1_700_000_000_000_002,
        fields: [
          { key: "event", type: "string", value: "exception" },
          { key: "exception.type", type: "string", value: "E" },
        ],
      },
      {
        timestamp: 1_700_000_000_000_000,
        fields: [{ key: "event", type: "string", value: "own" }],
      },
    ],
    processID: "p1",
    warnings: null,
  }]);
});

test("jaegerTrace() takes a link to the parent for the reference to it", () => {
  const link = (spanIdOf: number): Span["links"][number] => ({
    traceId: TRACE_ID,
    spanId: spanId(spanIdOf),
    traceState: "",
    attributes: attributesOf({}),
    droppedAttributes: 0,
    flags: 0,
  });
  const [span] = jaegerTrace([
    makeSpan({ id: 2, parent: 1, from: 0, to: 1 }, {
      links: [link(3), link(1), { ...link(1), traceId: "f".repeat(32) }],
    }),
  ]).spans;
  expect(span?.references).toEqual([
    { refType: "FOLLOWS_FROM", traceID: TRACE_ID, spanID: spanId(1) },
    { refType: "FOLLOWS_FROM", traceID: TRACE_ID, spanID: spanId(3) },
    { refType: "FOLLOWS_FROM", traceID: "f".repeat(32), spanID: spanId(1) },
  ]);
});

// As in ui_01.json of Jaeger's own tests.
test("jaegerTrace() types what attributes hold", () => {
  const [span] = jaegerTrace([makeSpan({ id: 1, from: 0, to: 1 }, {
    kind: 0,
    status: { code: 1, message: "" },
    scope: scopeOf(""),
    attributes: attributesOf({
      "peer.ipv4": 23_456n,
      error: true,
      temperature: 72.5,
      javascript_limit: 9_223_372_036_854_775_222n,
      blob: Uint8Array.of(0, 0, 48, 57),
      none: null,
      list: ["a", 1n],
      map: attributesOf({ a: false }),
    }),
  })]).spans;
  expect(span?.tags).toEqual([
    { key: "peer.ipv4", type: "int64", value: 23_456 },
    { key: "error", type: "bool", value: true },
    { key: "temperature", type: "float64", value: 72.5 },
    {
      key: "javascript_limit",
      type: "int64",
      value: "9223372036854775222",
    },
    { key: "blob", type: "binary", value: "AAAwOQ==" },
    { key: "none", type: "string", value: "" },
    { key: "list", type: "string", value: '["a",1]' },
    { key: "map", type: "string", value: '{"a":false}' },
    { key: "otel.status_code", type: "string", value: "OK" },
  ]);
});

test("jaegerTrace() has one process for each resource that looks different", () => {
  const of = (id: number, host: string) =>
    makeSpan({
      id,
      from: 0,
      to: 1,
      resource: resourceOf("cart", { "host.name": host }),
    });
  const trace = jaegerTrace([of(1, "a"), of(2, "b"), of(3, "a")]);
  expect(trace.spans.map((span) => span.processID)).toEqual(["p1", "p2", "p1"]);
  const tag = { key: "host.name", type: "string" };
  expect(trace.processes).toEqual({
    p1: { serviceName: "cart", tags: [{ ...tag, value: "a" }] },
    p2: { serviceName: "cart", tags: [{ ...tag, value: "b" }] },
  });
});

test("jaegerTrace() warns of a span that ends before it starts", () => {
  const [span] = jaegerTrace([makeSpan({ id: 1, from: 5000, to: 0 })]).spans;
  expect(span).toMatchObject({
    duration: 0,
    warnings: ["it ends before it starts; its duration is shown as 0"],
  });
});

test("jaegerTrace() is a trace of Jaeger's, whatever the spans", () => {
  fc.assert(fc.property(wholeTraceArbitrary, (spans) => {
    const answer = jaegerAnswer([jaegerTrace(spans)]);
    expect(jaegerTracesSchema.parse(JSON.parse(JSON.stringify(answer))))
      .toEqual(answer);
    for (const [at, span] of (answer.data[0]?.spans ?? []).entries()) {
      const sent = spans[at];
      expect(span.startTime).toBe(Number((sent?.startNs ?? 0n) / 1000n));
      expect(answer.data[0]?.processes).toHaveProperty(span.processID);
      expect(span.logs).toHaveLength(sent?.events.length ?? -1);
    }
  }));
});
