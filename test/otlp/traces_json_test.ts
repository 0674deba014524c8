import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_JSON_DEPTH } from "../../src/otlp/json_cursor.ts";
import { MAX_MESSAGE_DEPTH } from "../../src/otlp/message_walker.ts";
import { MAX_LINKS_PER_SPAN } from "../../src/otlp/span_batch_builder.ts";
import {
  MAX_NAME_CHARS,
  MAX_TRACE_STATE_CHARS,
  MAX_VALUE_CHARS,
} from "../../src/otlp/text_limits.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { batchOf, plainBatch, type PlainSpan } from "./plain_batch.ts";
import {
  jsonOf,
  jsonStyle,
  protobufOf,
  requestModel,
} from "./request_model.ts";

const options = { samplingAttribute: "sampling.rate" };
const TRACE_ID = "5b8efff798038103d269b633813fc60c";
const SPAN_ID = "eee19b7ec3c1b174";
const SPAN = {
  traceId: TRACE_ID,
  spanId: SPAN_ID,
  startTimeUnixNano: "1700000000000000000",
  endTimeUnixNano: "1700000000000000250",
};

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function requestOf(span: unknown): Uint8Array {
  const attributes = [{ key: "service.name", value: { stringValue: "web" } }];
  return bytesOf(JSON.stringify({
    resourceSpans: [{
      resource: { attributes },
      scopeSpans: [{ spans: [span] }],
    }],
  }));
}

function spanOf(fields: object): PlainSpan | undefined {
  const body = requestOf({ ...SPAN, ...fields });
  return plainBatch(batchOf(readTracesJson(body, options))).spans[0];
}

function samplingOf(value: unknown): string | undefined {
  return spanOf({ attributes: [{ key: "sampling.rate", value }] })
    ?.attributes?.["sampling"];
}

function reasonOf(body: Uint8Array): string {
  const result = readTracesJson(body, options);
  return result.ok ? "it parses" : result.reason;
}

function spanReasonOf(fields: object): string {
  return reasonOf(requestOf({ ...SPAN, ...fields }));
}

test("readTracesJson() reads what readTracesProtobuf() reads of the same request, however the JSON is written", () => {
  let spans = 0;
  fc.assert(
    fc.property(requestModel, jsonStyle, (request, style) => {
      const protobuf = readTracesProtobuf(protobufOf(request), options);
      const json = readTracesJson(jsonOf(request, style), options);
      expect(plainBatch(batchOf(json))).toEqual(plainBatch(batchOf(protobuf)));
      spans += batchOf(json).spans.length;
    }),
    { numRuns: 400 },
  );
  expect(spans).toBeGreaterThan(200);
});

test.each([
  "{}",
  '{"resourceSpans":null}',
  '{"resourceSpans":[]}',
  '{"a":[1]}',
])(
  "readTracesJson() takes %s as no spans",
  (text) => {
    expect(batchOf(readTracesJson(bytesOf(text))).spans).toEqual([]);
  },
);

test("readTracesJson() takes null for what is missing, everywhere", () => {
  const span = spanOf({
    parentSpanId: null,
    traceState: null,
    name: null,
    kind: null,
    startTimeUnixNano: null,
    attributes: null,
    links: null,
    status: null,
  });
  expect(span).toMatchObject({
    parentId: "",
    traceState: "",
    name: "",
    kind: 0,
    status: 0,
    durationNs: 0,
    attributes: null,
    links: null,
  });
  expect(spanOf({ status: { code: null } })?.status).toBe(0);
  expect(spanOf({ attributes: [{ key: null, value: null }] })?.attributes)
    .toBeNull();
  expect(samplingOf(null)).toBeUndefined();
  expect(samplingOf({ stringValue: null, intValue: "7" })).toBe("7");
});

test("readTracesJson() keeps every digit of times and integers, as strings and as numbers", () => {
  for (const time of ["1700000000123456789", "18446744073709551615", "1"]) {
    for (const written of [time, `"${time}"`]) {
      const body = new TextDecoder().decode(requestOf({ ...SPAN, name: "@" }))
        .replace('"1700000000000000250"', written)
        .replace('"1700000000000000000"', written)
        .replace(
          '"name":"@"',
          `"attributes":[{"key":"sampling.rate",
          "value":{"intValue" : -9223372036854775807 }}]`,
        );
      const result = readTracesJson(bytesOf(body), options);
      const [span] = plainBatch(batchOf(result)).spans;
      expect(span?.start).toBe(BigInt(time));
      expect(span?.attributes).toEqual({ sampling: "-9223372036854775807" });
    }
  }
});

test("readTracesJson() leaves texts alone that look like fields with long integers", () => {
  const name = '"startTimeUnixNano": 1700000000123456789, ';
  expect(spanOf({ name })?.name).toBe(name);
  expect(spanOf({ name: 'x\\"intValue":1700000000123456789}' })?.name)
    .toBe('x\\"intValue":1700000000123456789}');
});

test.each<[object, string | undefined]>([
  [{ stringValue: "half" }, "half"],
  [{ stringValue: "" }, ""],
  [{ boolValue: false }, "false"],
  [{ intValue: 7 }, "7"],
  [{ intValue: "-7" }, "-7"],
  [{ intValue: "007" }, "7"],
  [{ intValue: "-9223372036854775808" }, "-9223372036854775808"],
  [{ doubleValue: 0.5 }, "0.5"],
  [{ doubleValue: 2 }, "2"],
  [{ doubleValue: "2.50" }, "2.5"],
  [{ doubleValue: "NaN" }, "NaN"],
  [{ doubleValue: "-Infinity" }, "-Infinity"],
  [{ arrayValue: { values: [] } }, undefined],
  [{ kvlistValue: {} }, undefined],
  [{ bytesValue: "AAEC" }, undefined],
  [{}, undefined],
])("readTracesJson() reads the value %j as the string %j", (value, text) => {
  expect(samplingOf(value)).toBe(text);
});

test("readTracesJson() takes ids of any case, kinds and codes as numbers and names", () => {
  const span = spanOf({
    traceId: TRACE_ID.toUpperCase(),
    parentSpanId: "EEE19b7ec3c1b170",
    kind: "SPAN_KIND_CONSUMER",
    status: { code: "STATUS_CODE_ERROR" },
    links: [{ traceId: TRACE_ID, spanId: SPAN_ID.toUpperCase() }],
  });
  expect(span).toMatchObject({
    traceId: TRACE_ID,
    parentId: "eee19b7ec3c1b170",
    kind: 5,
    status: 2,
    links: [`${TRACE_ID}:${SPAN_ID}`],
  });
  for (const kind of ["SPAN_KIND_OTHER", "SERVER", "", 6, -1, 2.5]) {
    expect(spanOf({ kind })?.kind).toBe(0);
  }
  for (const code of ["ERROR", 3, -1]) {
    expect(spanOf({ status: { code } })?.status).toBe(0);
  }
});

test.each<[object, string]>([
  [{ traceId: "5b8e" }, "trace_id has 2 bytes, must be 16"],
  [{ traceId: undefined }, "trace_id has 0 bytes, must be 16"],
  [{ traceId: "0".repeat(32) }, "trace_id is all zeros"],
  [
    { traceId: `${TRACE_ID.slice(1)}g` },
    'trace_id is not hexadecimal: "b8efff798038103d269b633813fc60cg"',
  ],
  [
    { traceId: "W47/95gDgQPSabYzgT/GDA==" },
    'trace_id is not hexadecimal: "W47/95gDgQPSabYzgT/GDA=="',
  ],
  [{ spanId: "0".repeat(16) }, "span_id is all zeros"],
  [
    { spanId: "é".repeat(16) },
    'span_id is not hexadecimal: "éééééééééééééééé"',
  ],
  [{ spanId: SPAN_ID.slice(2) }, "span_id has 7 bytes, must be 8"],
  [{ endTimeUnixNano: 0 }, "end_time_unix_nano is missing or 0"],
  [{ endTimeUnixNano: undefined }, "end_time_unix_nano is missing or 0"],
])("readTracesJson() rejects a span with %j", (fields, problem) => {
  const body = requestOf({ ...SPAN, name: "GET /cart", ...fields });
  const { spans, rejected, rejection } = batchOf(readTracesJson(body));
  expect({ spans: spans.length, rejected }).toEqual({ spans: 0, rejected: 1 });
  expect(rejection).toBe(`span "GET /cart" of service "web": ${problem}`);
});

test("readTracesJson() takes a parent id that is none for a root", () => {
  for (const parentSpanId of ["", "0".repeat(16), "ab", "x".repeat(16)]) {
    expect(spanOf({ parentSpanId })?.parentId).toBe("");
  }
});

test("readTracesJson() keeps as many characters and links as readTracesProtobuf()", () => {
  const long = `a${"😀".repeat(600)}`;
  const span = spanOf({
    name: long,
    traceState: "a".repeat(MAX_TRACE_STATE_CHARS),
    attributes: [{ key: "http.route", value: { stringValue: long } }],
  });
  expect(span?.name).toBe(long.slice(0, MAX_NAME_CHARS - 1));
  expect(span?.attributes).toEqual({
    httpRoute: long.slice(0, MAX_VALUE_CHARS - 1),
  });
  expect(span?.traceState.length).toBe(MAX_TRACE_STATE_CHARS);
  expect(spanOf({ traceState: "a".repeat(MAX_TRACE_STATE_CHARS + 1) }))
    .toMatchObject({ traceState: "" });
  const link = { traceId: TRACE_ID, spanId: SPAN_ID };
  const bad = { traceId: TRACE_ID, spanId: "" };
  for (const extra of [0, 1]) {
    const links = Array.from(
      { length: MAX_LINKS_PER_SPAN + extra },
      () => link,
    );
    expect(spanOf({ links: [bad, ...links] })?.links?.length)
      .toBe(MAX_LINKS_PER_SPAN);
  }
});

test("readTracesJson() replaces what is not Unicode, and steps over a byte order mark", () => {
  const half = "a\ud800b";
  expect(spanOf({ name: half, traceState: half }))
    .toMatchObject({ name: "a\ufffdb", traceState: "a\ufffdb" });
  const body = requestOf({ ...SPAN, name: "@" });
  const at = body.indexOf("@".charCodeAt(0));
  body[at] = 0xff;
  const withBom = new Uint8Array([0xef, 0xbb, 0xbf, ...body]);
  for (const bytes of [body, withBom]) {
    expect(batchOf(readTracesJson(bytes)).spans[0]?.name).toBe("\ufffd");
  }
});

test.each<[string, string]>([
  ["", "at byte 0: found its end, expected a value"],
  ["\ufeff", "at byte 3: found its end, expected a value"],
  ["nothing", 'at byte 1: found "o", expected "null"'],
  ["{} {}", 'at byte 3: found "{", expected its end'],
  ['{"resourceSpans": [}', 'at byte 19: found "}", expected a value'],
  ['{"a": [1 2]}', 'at byte 9: found "2", expected "," or "]"'],
  ['{"a" 1}', 'at byte 5: found "1", expected ":"'],
  ["{😀}", 'at byte 1: found "😀", expected a key or "}"'],
  ['{"é": 1, "😀": 2,}', 'at byte 20: found "}", expected a key'],
  [
    '{"a": "\u0001"}',
    'at byte 7: found "\\u0001", expected the rest of a string',
  ],
  ['{"a": "\\x"}', 'at byte 8: found "x", expected an escape'],
  ['{"a": "\\u00g0"}', 'at byte 11: found "g", expected a hexadecimal digit'],
  ['{"a": 1.}', 'at byte 8: found "}", expected a digit'],
  [
    '{"endTimeUnixNano": 1700000000000000000, x}',
    'at byte 41: found "x", expected a key',
  ],
  [
    '{"endTimeUnixNano": 01700000000000000000}',
    'at byte 21: found "1", expected "," or "}"',
  ],
])("readTracesJson() of %j says where it stops being JSON", (text, reason) => {
  expect(reasonOf(bytesOf(text)))
    .toBe(`Cannot parse the body as JSON ${reason}`);
});

test.each<[string, string]>([
  ["7", "it is not an object but 7"],
  ["[]", "it is not an object but an array"],
  ["null", "it is not an object but null"],
  ['{"resourceSpans":{}}', "resourceSpans is not an array but an object"],
  ['{"resourceSpans":[null]}', "resourceSpans[0] is not an object but null"],
  [
    '{"resourceSpans":[{},{"resource":[]}]}',
    "resourceSpans[1].resource is not an object but an array",
  ],
  [
    '{"resourceSpans":[{"scopeSpans":[{},{},{"spans":"string"}]}]}',
    'resourceSpans[0].scopeSpans[2].spans is not an array but "string"',
  ],
])("readTracesJson() of %s names the path", (text, reason) => {
  expect(reasonOf(bytesOf(text))).toBe(`Cannot read the body: ${reason}`);
});

test.each<[object, string]>([
  [{ traceId: 5 }, "traceId is not a string but 5"],
  [{ name: {} }, "name is not a string but an object"],
  [{ kind: true }, "kind is not a number or a name but true"],
  [{ status: 2 }, "status is not an object but 2"],
  [
    { status: { code: [] } },
    "status.code is not a number or a name but an array",
  ],
  [
    { startTimeUnixNano: "1.5" },
    'startTimeUnixNano is not an unsigned 64-bit integer but "1.5"',
  ],
  [
    { endTimeUnixNano: -1 },
    "endTimeUnixNano is not an unsigned 64-bit integer but -1",
  ],
  [
    { links: [{ traceId: "" }, { spanId: 1 }] },
    "links[1].spanId is not a string but 1",
  ],
  [{ attributes: [{}, { key: 1 }] }, "attributes[1].key is not a string but 1"],
  [
    { attributes: ["a".repeat(99)] },
    `attributes[0] is not an object but "${"a".repeat(39)}…`,
  ],
])("readTracesJson() of a span with %j names the path", (fields, reason) => {
  expect(spanReasonOf(fields)).toBe(
    `Cannot read the body: resourceSpans[0].scopeSpans[0].spans[0].${reason}`,
  );
});

test.each<[object, string]>([
  [{ stringValue: 1 }, ".stringValue is not a string but 1"],
  [{ boolValue: "true" }, '.boolValue is not a boolean but "true"'],
  [{ intValue: 1.5 }, ".intValue is not a 64-bit integer but 1.5"],
  [{ intValue: "1e3" }, '.intValue is not a 64-bit integer but "1e3"'],
  [
    { intValue: "9223372036854775808" },
    '.intValue is not a 64-bit integer but "9223372036854775808"',
  ],
  [{ doubleValue: "0x10" }, '.doubleValue is not a number but "0x10"'],
])(
  "readTracesJson() of a wanted attribute with %j names the path",
  (value, reason) => {
    const attributes = [{ key: "a", value }, { key: "sampling.rate", value }];
    const path = "resourceSpans[0].scopeSpans[0].spans[0].attributes[1].value";
    expect(spanReasonOf({ attributes }))
      .toBe(`Cannot read the body: ${path}${reason}`);
  },
);

test("readTracesJson() takes MAX_JSON_DEPTH levels of arrays and objects, and no more", () => {
  function nested(levels: number): string {
    return "[".repeat(levels) + "]".repeat(levels);
  }
  // The request is the first level, the attribute's value stands in 10.
  const reason = `it is more than ${MAX_JSON_DEPTH} arrays and objects deep`;
  for (const [extra, answer] of [[0, "it parses"], [1, reason]] as const) {
    const array = nested(MAX_JSON_DEPTH - 1 + extra);
    expect(reasonOf(bytesOf(`{"a":${array}}`))).toMatch(answer);
    const objects = `${'{"a":'.repeat(MAX_JSON_DEPTH + extra)}1${
      "}".repeat(MAX_JSON_DEPTH + extra)
    }`;
    expect(reasonOf(bytesOf(objects))).toMatch(answer);
    const value = JSON.parse(nested(MAX_JSON_DEPTH - 10 + extra));
    for (const key of ["http.route", "other"]) {
      expect(spanReasonOf({ attributes: [{ key, value: { value } }] }))
        .toMatch(answer);
    }
  }
  expect(reasonOf(bytesOf(`{"a":${nested(100_000)}}`)))
    .toBe(`Cannot read the body at byte ${4 + MAX_JSON_DEPTH}: ${reason}`);
});

test("readTracesJson() takes values nested as deep as readTracesProtobuf() does", () => {
  // A span's value stands in 5 messages; each array adds 2.
  const levels = Math.floor((MAX_MESSAGE_DEPTH - 5) / 2);
  let value: object = { stringValue: "deep" };
  for (let level = 0; level < levels; level++) {
    value = { arrayValue: { values: [value] } };
  }
  expect(spanReasonOf({ attributes: [{ key: "a", value }] })).toBe("it parses");
});

test.each([
  ['{"intValue":', "1", "}"],
  ['{"intValue"', " ", ":1}"],
  ['{"intValue":1234567890123456', " ", "}"],
  ['{"a":"', '\\"', '"}'],
])(
  "readTracesJson() takes a body of %s, then millions of %j, then %s",
  (start, middle, end) => {
    const body = bytesOf(`${start}${middle.repeat(4_000_000)}${end}`);
    expect(reasonOf(body)).toBe("it parses");
  },
);

test("readTracesJson() never throws", () => {
  const good = requestOf({ ...SPAN, name: "GET /", kind: 2, links: [{}] });
  const changes = fc.array(
    fc.record({
      at: fc.nat({ max: good.length - 1 }),
      byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0x22, 0x5b, 0x7b)),
    }),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(changes, (list) => {
      const body = good.slice();
      for (const { at, byte } of list) body[at] = byte;
      const result = readTracesJson(body);
      if (!result.ok) {
        expect(result.reason).toMatch(
          /^Cannot (read the body: .* is not|parse the body as JSON at byte)/,
        );
      }
    }),
    { numRuns: 2000 },
  );
  for (let length = 0; length < good.length; length++) {
    expect(reasonOf(good.subarray(0, length))).toMatch(
      `Cannot parse the body as JSON at byte ${length}: found its end, `,
    );
  }
});

test("readTracesJson() takes the last of a scalar that comes twice, and all of lists and objects", () => {
  const link = `{"traceId":"${TRACE_ID}","spanId":"${SPAN_ID}"}`;
  const route = '"key":"http.route","value":{"stringValue":"/a"}';
  const body = `{"resourceSpans":null,"resourceSpans":[{
    "resource":{"attributes":[
      {"key":"service.name","value":{"stringValue":"web"}}]},
    "resource":{"attributes":[
      {"key":"os.name","value":7,"value":null,"key":"unknown"}]},
    "scopeSpans":[{"spans":[{
      "name":["old"],"name":"new","kind":5,"kind":null,
      "status":{"code":1},"status":{"message":"x"},"status":null,
      "links":[${link}],"links":[${link}],
      "attributes":[{${route},"value":{"intValue":1}}],
      "attributes":[{${route},"value":{"stringValue":"/b"},"value":{}}],
      "traceId":"${TRACE_ID}","spanId":"${SPAN_ID}","endTimeUnixNano":1
    }],"spans":[{}]}]}],"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}`;
  const batch = plainBatch(batchOf(readTracesJson(bytesOf(body), options)));
  expect(batch.spans).toMatchObject([{
    name: "new",
    kind: 0,
    status: 1,
    resource: { serviceName: "web" },
    attributes: { httpRoute: "/b" },
    links: [`${TRACE_ID}:${SPAN_ID}`, `${TRACE_ID}:${SPAN_ID}`],
  }]);
  expect(batch.rejectedSpans).toEqual([1, 2]);
  expect(reasonOf(bytesOf('{"resourceSpans":7,"resourceSpans":[]}')))
    .toMatch("resourceSpans is not an array but 7");
});

test.each<[string, string | undefined]>([
  ["-9223372036854775808", "-9223372036854775808"],
  ["-9223372036854775809", undefined],
  ["9223372036854775807", "9223372036854775807"],
  ["9223372036854775808", undefined],
  ["1e3", "1000"],
  ["-0", "0"],
  ["1e-3", undefined],
])("readTracesJson() reads the number %s as the integer %j", (number, text) => {
  const body = new TextDecoder().decode(requestOf({
    ...SPAN,
    attributes: [{ key: "sampling.rate", value: { intValue: "@" } }],
  })).replace('"@"', number);
  const result = readTracesJson(bytesOf(body), options);
  const sampling = result.ok
    ? result.batch.spans[0]?.attributes?.sampling
    : undefined;
  expect([result.ok, sampling]).toEqual([text !== undefined, text]);
});
