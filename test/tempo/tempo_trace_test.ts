import * as fc from "fast-check";
import protobuf from "protobufjs/minimal.js";
import { expect, test } from "vitest";
import { opentelemetry } from "../../proto/generated/otlp.js";
import { traceByIdResponse } from "../../src/tempo/trace_by_id_response.ts";
import {
  tempoTraceByIdJson,
  tempoTraceByIdSchema,
  tempoTraceJson,
  tempoTraceSchema,
} from "../../src/tempo/tempo_trace.ts";
import {
  attributesOf,
  makeSpan,
  resourceOf,
  scopeOf,
} from "../trace_view/make_span.ts";
import { wholeTraceArbitrary } from "../trace_view/whole_span_arbitrary.ts";
import { spansOfTempoJson } from "./read_tempo_json.ts";

const WEB = resourceOf("web");
const CART = { ...resourceOf("cart"), schemaUrl: "https://r" };

test("tempoTraceJson() writes ids, enums and numbers as Tempo does", () => {
  const scope = scopeOf("lib", "1.0");
  const spans = [
    makeSpan({ id: 1, from: 0, to: 1, resource: WEB }, {
      kind: 0,
      name: "",
      scope: scopeOf(""),
    }),
    makeSpan({ id: 2, parent: 1, from: 0, to: 2, resource: CART }, {
      kind: 2,
      scope,
      flags: 257,
      attributes: attributesOf({
        text: "",
        int: 0n,
        double: Number.POSITIVE_INFINITY,
        no: false,
        bytes: Uint8Array.of(251, 255),
        list: [1n, []],
        map: attributesOf({ a: attributesOf({}) }),
        none: null,
      }),
      status: { code: 2, message: "late" },
    }),
    makeSpan({ id: 3, from: 0, to: 1, resource: WEB }, {
      scope,
      kind: 5,
      name: "0",
    }),
    makeSpan({ id: 3, from: 0, to: 9, resource: WEB }, {
      scope,
      kind: 5,
      name: "0",
    }),
  ];
  const traceId = "CvdlGRbNQ92ESOshHIAxnA==";
  const startTimeUnixNano = "1700000000000000000";
  const batches = [{
    resource: {
      attributes: [{ key: "service.name", value: { stringValue: "web" } }],
    },
    scopeSpans: [{
      scope: {},
      spans: [{
        traceId,
        spanId: "AAAAAAAAAAE=",
        startTimeUnixNano,
        endTimeUnixNano: "1700000000000000001",
        status: {},
      }],
    }, {
      scope: { name: "lib", version: "1.0" },
      spans: [{
        traceId,
        spanId: "AAAAAAAAAAM=",
        name: "0",
        kind: "SPAN_KIND_CONSUMER",
        startTimeUnixNano,
        endTimeUnixNano: "1700000000000000001",
        status: {},
      }],
    }],
  }, {
    resource: {
      attributes: [{ key: "service.name", value: { stringValue: "cart" } }],
    },
    scopeSpans: [{
      scope: { name: "lib", version: "1.0" },
      spans: [{
        traceId,
        spanId: "AAAAAAAAAAI=",
        parentSpanId: "AAAAAAAAAAE=",
        flags: 257,
        name: "operation 2",
        kind: "SPAN_KIND_SERVER",
        startTimeUnixNano,
        endTimeUnixNano: "1700000000000000002",
        attributes: [
          { key: "text", value: { stringValue: "" } },
          { key: "int", value: { intValue: "0" } },
          { key: "double", value: { doubleValue: "Infinity" } },
          { key: "no", value: { boolValue: false } },
          { key: "bytes", value: { bytesValue: "+/8=" } },
          {
            key: "list",
            value: {
              arrayValue: { values: [{ intValue: "1" }, { arrayValue: {} }] },
            },
          },
          {
            key: "map",
            value: {
              kvlistValue: {
                values: [{ key: "a", value: { kvlistValue: {} } }],
              },
            },
          },
          { key: "none", value: {} },
        ],
        status: { message: "late", code: "STATUS_CODE_ERROR" },
      }],
    }],
    schemaUrl: "https://r",
  }];
  expect(tempoTraceJson(spans)).toStrictEqual({ batches });
  expect(tempoTraceByIdJson(spans))
    .toStrictEqual({ trace: { resourceSpans: batches }, metrics: {} });
});

test("tempoTraceByIdJson() says why spans are left out", () => {
  expect(tempoTraceByIdJson([], { partial: "too large" })).toStrictEqual({
    trace: {},
    metrics: {},
    status: "PARTIAL",
    message: "too large",
  });
});

test("tempoTraceJson() loses nothing", () => {
  fc.assert(fc.property(wholeTraceArbitrary, (spans) => {
    const { batches } = tempoTraceSchema.parse(
      JSON.parse(JSON.stringify(tempoTraceJson(spans))),
    );
    const byId = (a: { spanId: string }, b: { spanId: string }) =>
      a.spanId < b.spanId ? -1 : 1;
    expect(spansOfTempoJson(batches).sort(byId)).toEqual(spans.toSorted(byId));
    const byIdAnswer = tempoTraceByIdJson(spans);
    expect(tempoTraceByIdSchema.parse(byIdAnswer).trace.resourceSpans)
      .toEqual(batches);
  }));
});

test.each([0, 1, 127, 128, 70_000])(
  "traceByIdResponse() wraps a trace of %i spans for protobuf",
  (count) => {
    // On the wire the same as TracesData.
    const { ExportTraceServiceRequest } =
      opentelemetry.proto.collector.trace.v1;
    const spans = Array.from({ length: count }, (_, at) => ({
      name: `${at}`,
      startTimeUnixNano: at,
    }));
    const bytes = ExportTraceServiceRequest.encode({
      resourceSpans: [{ scopeSpans: [{ spans }] }],
    }).finish();
    const whole = readMessage(traceByIdResponse(bytes));
    expect([...whole.keys()]).toEqual([1, 2]);
    expect(whole.get(2)).toEqual(new Uint8Array());
    const trace = whole.get(1);
    expect(Buffer.compare(Buffer.from(trace as Uint8Array), bytes)).toBe(0);
    const partial = readMessage(
      traceByIdResponse(bytes, { partial: "zu groß" }),
    );
    expect(partial.get(3)).toBe(1);
    expect(new TextDecoder().decode(partial.get(4) as Uint8Array))
      .toBe("zu groß");
  },
);

function readMessage(bytes: Uint8Array): Map<number, Uint8Array | number> {
  const reader = protobuf.Reader.create(bytes);
  const fields = new Map<number, Uint8Array | number>();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    fields.set(
      tag >>> 3,
      (tag & 7) === 2 ? Uint8Array.from(reader.bytes()) : reader.uint32(),
    );
  }
  return fields;
}
