import * as fc from "fast-check";
import { expect, test } from "vitest";
import { serviceOf } from "../../src/ingest/classify.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { spanService } from "../../src/search/span_service.ts";
import { batchOf } from "../otlp/plain_batch.ts";

const key = fc.constantFrom(
  "service.name",
  "service.namespace",
  "deployment.environment.name",
  "deployment.environment",
  "host.name",
);
const value = fc.oneof(
  fc.string({ maxLength: 3, unit: "grapheme" })
    .map((text) => ({ whole: text, sent: { stringValue: text } })),
  // Longer than what is kept of a value.
  fc.constantFrom("a", "😀", "xx😀").map((unit) => unit.repeat(130)).map((
    text,
  ) => ({ whole: text, sent: { stringValue: text } })),
  fc.boolean().map((is) => ({ whole: is, sent: { boolValue: is } })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((int) => ({ whole: int, sent: { intValue: String(int) } })),
  fc.double({ noDefaultInfinity: true, noNaN: true })
    .map((double) => ({ whole: double, sent: { doubleValue: double } })),
  fc.constant({ whole: ["a"], sent: { arrayValue: { values: [] } } }),
);

test("spanService() is the service that reading the request's bytes tells", () => {
  fc.assert(fc.property(fc.dictionary(key, value), (attributes) => {
    const entries = Object.entries(attributes);
    const body = new TextEncoder().encode(JSON.stringify({
      resourceSpans: [{
        resource: {
          attributes: entries.map(([name, { sent }]) => ({
            key: name,
            value: sent,
          })),
        },
        scopeSpans: [{
          spans: [{
            traceId: "5b8efff798038103d269b633813fc60c",
            spanId: "eee19b7ec3c1b174",
            endTimeUnixNano: "1700000000123456789",
          }],
        }],
      }],
    }));
    const [row] = batchOf(readTracesJson(body)).spans;
    if (row === undefined) throw new Error("the span is not read");
    expect(spanService(
      new Map(entries.map(([name, { whole }]) => [name, whole])),
    )).toEqual(serviceOf(row.resource));
  }));
});
