import * as fc from "fast-check";
import { expect, test } from "vitest";
import { attributeColumn } from "../../src/clickhouse/attribute_column.ts";
import { clickhouseRow } from "../../src/clickhouse/row.ts";
import {
  MAX_TIMESTAMP_NS,
  timestampText,
} from "../../src/clickhouse/timestamp.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import { ALL_VALUES, resourceOf, spanOf, wholeSpan } from "./sample_spans.ts";

test("attributeColumn() writes each type as the Collector does", () => {
  const column = Object.entries(attributeColumn(ALL_VALUES));
  expect(new Map(column)).toEqual(
    new Map([
      ["1", "a key that is a number"],
      ["__proto__", "polluted"],
      ["bytes", "AP8Q"],
      ["double", "0.1"],
      ["infinite", "json: unsupported value: -Inf"],
      ["integer", "9223372036854775807"],
      ["large", "1e+21"],
      ["list", '["a<b>&",1,2.5,true,null,"AQ=="]'],
      ["list without JSON", ""],
      ["map", '{"a":{},"b":[1]}'],
      ["minus zero", "-0"],
      ["negative", "-9223372036854775808"],
      ["no", "false"],
      ["not a number", "json: unsupported value: NaN"],
      ["nothing", ""],
      ["small", "1.5e-7"],
      ["text", "a"],
      ["yes", "true"],
    ]),
  );
});

test("clickhouseRow() has every column, with events and links as parallel arrays", () => {
  const row = clickhouseRow(wholeSpan());
  expect(row).toMatchObject({
    Timestamp: "2026-01-02 03:04:05.123456789",
    TraceId: "0af7651916cd43dd8448eb211c80319c",
    SpanId: "b7ad6b7169203331",
    ParentSpanId: "00f067aa0ba902b7",
    TraceState: "vendor=a,other=b",
    SpanName: "GET /cart",
    SpanKind: "Client",
    ServiceName: "cart",
    ScopeName: "io.opentelemetry.http",
    ScopeVersion: "1.2.3",
    Duration: 100_000_000,
    StatusCode: "Error",
    StatusMessage: "out of stock",
    "Events.Timestamp": [
      "2026-01-02 03:04:05.123456790",
      "1970-01-01 00:00:00.000000000",
    ],
    "Events.Name": ["exception", ""],
    "Links.TraceId": ["4bf92f3577b34da6a3ce929d0e0e4736"],
    "Links.SpanId": ["53995c3f42cd8ad8"],
    "Links.TraceState": ["vendor=c"],
  });
  expect(row["Events.Attributes"].map((one) => one["yes"]))
    .toEqual(["true", undefined]);
  expect(row["Links.Attributes"]).toEqual([row.SpanAttributes]);
  expect(Object.keys(row)).toHaveLength(22);
});

test.each([
  [SpanKind.UNSPECIFIED, "Unspecified"],
  [SpanKind.INTERNAL, "Internal"],
  [SpanKind.SERVER, "Server"],
  [SpanKind.CLIENT, "Client"],
  [SpanKind.PRODUCER, "Producer"],
  [SpanKind.CONSUMER, "Consumer"],
])("clickhouseRow() calls kind %i %s", (kind, name) => {
  expect(clickhouseRow(spanOf({ kind })).SpanKind).toBe(name);
});

test.each([
  [StatusCode.UNSET, "Unset"],
  [StatusCode.OK, "Ok"],
  [StatusCode.ERROR, "Error"],
])("clickhouseRow() calls status %i %s", (code, name) => {
  const status = { code, message: "" };
  expect(clickhouseRow(spanOf({ status })).StatusCode).toBe(name);
});

test("clickhouseRow() has a duration that is exact, and none below 0", () => {
  const durations = [
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 64n - 1n,
    -1n,
  ].map((ns) =>
    clickhouseRow(spanOf({ startNs: 1n, endNs: 1n + ns })).Duration
  );
  expect(durations)
    .toEqual([2 ** 53 - 1, String(2n ** 53n), String(2n ** 64n - 1n), 0]);
});

test("clickhouseRow() has an empty text for an id of zeros and for no service", () => {
  const zeros = "0".repeat(16);
  const row = clickhouseRow(spanOf({
    parentSpanId: zeros,
    resource: { ...resourceOf("x"), attributes: new Map() },
  }));
  expect([row.ParentSpanId, row.ServiceName]).toEqual(["", ""]);
});

test("clickhouseRow() holds no half of a surrogate pair, which fails an insert", () => {
  const half = "a\ud800";
  const attributes = new Map([[half, [half]]]);
  const row = JSON.stringify(clickhouseRow(wholeSpan({
    name: half,
    traceState: half,
    status: { code: 0, message: half },
    attributes,
    resource: resourceOf(half, attributes),
    scope: { ...spanOf().scope, name: half, version: half },
    events: [{ timeNs: 0n, name: half, attributes, droppedAttributes: 0 }],
    links: [],
  })));
  expect(row).not.toMatch(/\\u?d800/i);
  expect(row).toContain("a\ufffd");
});

test("timestampText() has every ns up to MAX_TIMESTAMP_NS, and that beyond", () => {
  fc.assert(fc.property(
    fc.bigInt({ min: 0n, max: MAX_TIMESTAMP_NS }),
    (ns) => {
      const text = timestampText(ns);
      expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}$/);
      const ms = Date.parse(`${text.slice(0, 19).replace(" ", "T")}Z`);
      expect(BigInt(ms) * 1_000_000n + BigInt(text.slice(20))).toBe(ns);
    },
  ));
  const last = "2262-04-11 23:47:16.854775807";
  expect(timestampText(MAX_TIMESTAMP_NS)).toBe(last);
  expect(timestampText(MAX_TIMESTAMP_NS + 1n)).toBe(last);
});
