import fc from "fast-check";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  JsonDepthFault,
  JsonSyntaxFault,
  JsonTypeFault,
} from "../../src/otlp/json_fault.ts";
import { readJsonSpans } from "../../src/spans/read_json.ts";
import { readProtobufSpans } from "../../src/spans/read_protobuf.ts";
import type { AttributeValue, Span } from "../../src/spans/span.ts";
import {
  jsonOf,
  jsonStyle,
  protobufOf,
  requestModel,
} from "../otlp/request_model.ts";
import { writeJson } from "../otlp/write_json.ts";
import { arbitrarySpans, runsOf } from "./arbitrary_spans.ts";
import { jsonOfSpans } from "./body_of_spans.ts";

function read(text: string): readonly Span[] {
  return readJsonSpans(new TextEncoder().encode(text));
}

function readSpan(fields: string): Span | undefined {
  return read(`{"resourceSpans":[{"scopeSpans":[{"spans":[{${fields}}]}]}]}`)
    .at(0);
}

function readValue(any: string): AttributeValue | undefined {
  return readSpan(`"attributes":[{"key":"a","value":${any}}]`)
    ?.attributes.get("a");
}

test("readJsonSpans() reads every field that was written, however the JSON is written", () => {
  fc.assert(
    fc.property(arbitrarySpans, fc.nat(), (spans, seed) => {
      const text = writeJson(jsonOfSpans(spans), new SeededRandom(seed));
      const found = read(text);
      // A field that comes twice is merged in another order.
      expect(found).toEqual(spans);
      expect(runsOf(found, "resource").length)
        .toBeGreaterThanOrEqual(runsOf(spans, "resource").length);
    }),
    { numRuns: 150 },
  );
});

test("readJsonSpans() reads what readProtobufSpans() does of the same request, in every style of JSON", () => {
  fc.assert(
    fc.property(requestModel, jsonStyle, (request, style) => {
      const withNames = request.map((resource) => ({
        ...resource,
        spans: resource.spans.filter(({ kind, status }) =>
          kind >= 0 && status >= 0
        ),
      }));
      expect(readJsonSpans(jsonOf(withNames, style)))
        .toEqual(readProtobufSpans(protobufOf(withNames)));
    }),
    { numRuns: 200 },
  );
});

test.each<[string, AttributeValue]>([
  ['{"intValue":9007199254740993}', 9_007_199_254_740_993n],
  ['{"intValue":"-9223372036854775808"}', -(2n ** 63n)],
  ['{"intValue":1e3}', 1000n],
  ['{"intValue":"9223372036854775808"}', null],
  ['{"intValue":1.5}', null],
  ['{"doubleValue":1}', 1],
  ['{"doubleValue":"-Infinity"}', -Infinity],
  ['{"doubleValue":"NaN"}', NaN],
  ['{"doubleValue":"-0"}', -0],
  ['{"doubleValue":"Inf"}', null],
  ['{"bytesValue":"-_8="}', Uint8Array.of(0xfb, 0xff)],
  ['{"bytesValue":"+/8"}', Uint8Array.of(0xfb, 0xff)],
  ['{"bytesValue":"A"}', null],
  ['{"bytesValue":"A$"}', null],
  ['{"stringValue":"\\ud800\\u0041"}', "\ufffdA"],
  [`{"stringValue":"${"\\n".repeat(9000)}"}`, "\n".repeat(9000)],
  ['{"stringValue":null,"boolValue":false}', false],
  ['{"stringValue":7}', null],
  ['{"boolValue":"true"}', null],
  ['{"arrayValue":{"values":[{"intValue":1},{},null]}}', [1n, null, null]],
  ['{"arrayValue":{}}', []],
  ['{"arrayValue":null}', null],
  ['{"kvlistValue":{"values":null}}', new Map()],
  [
    '{"arrayValue":{"values":[{"intValue":1}]},"arrayValue":{"values":[{}]}}',
    [1n, null],
  ],
  [
    '{"kvlistValue":{"values":[{"key":"a"}]},"kvlistValue":{"values":[{}]}}',
    new Map([["a", null], ["", null]]),
  ],
  ["null", null],
])("readJsonSpans() reads the value %s", (any, value) => {
  expect(readValue(any)).toEqual(value);
});

test("readJsonSpans() takes what has a wrong type for missing, as what is no id", () => {
  const span = readSpan(
    '"traceId":"xy","spanId":1,"parentSpanId":"0000000000000000","kind":{},' +
      '"events":7,"links":[null,{}],"status":[],"attributes":[1,{}],"name":{},' +
      '"startTimeUnixNano":-1,"endTimeUnixNano":"18446744073709551616",' +
      '"flags":4294967296',
  );
  expect(span).toEqual({
    ...readSpan('"links":[{}],"attributes":[{"key":"","value":{}}]'),
  });
  expect(span?.attributes).toEqual(new Map([["", null]]));
  expect(span?.links.length).toBe(1);
});

test("readJsonSpans() throws for what is no JSON, nested too deep, or no request", () => {
  expect(() => read('{"resourceSpans":[}')).toThrow(JsonSyntaxFault);
  expect(() => read('{"resourceSpans":{}}')).toThrow(JsonTypeFault);
  const deep = "[".repeat(200) + "]".repeat(200);
  expect(() => read(`{"a":${deep}}`)).toThrow(JsonDepthFault);
});
