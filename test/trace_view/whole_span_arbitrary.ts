import * as fc from "fast-check";
import type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  Span,
} from "../../src/spans/span.ts";
import { TRACE_ID } from "./make_span.ts";

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const text = fc.string({ maxLength: 5 });
// JSON has no −0.
const double = fc.double().map((value) => Object.is(value, -0) ? 0 : value);

function hex(digits: number): fc.Arbitrary<string> {
  return fc.bigInt({ min: 1n, max: 16n ** BigInt(digits) - 1n })
    .map((value) => value.toString(16).padStart(digits, "0"));
}

const { value: valueArbitrary } = fc.letrec<{
  value: AttributeValue;
  map: Attributes;
}>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.boolean(),
    int64,
    double,
    fc.uint8Array({ maxLength: 5 }),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("map"),
  ),
  map: fc.array(fc.tuple(text, tie("value")), { maxLength: 3 })
    .map((entries) => new Map(entries)),
}));

const attributes: fc.Arbitrary<Attributes> = fc
  .array(fc.tuple(text, valueArbitrary), { maxLength: 4 })
  .map((entries) => new Map(entries));

const resource: fc.Arbitrary<Resource> = fc.record({
  attributes,
  droppedAttributes: uint32,
  schemaUrl: text,
});

const scope: fc.Arbitrary<Scope> = fc.record({
  name: text,
  version: text,
  attributes,
  droppedAttributes: uint32,
  schemaUrl: text,
});

const link = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  traceState: text,
  attributes,
  droppedAttributes: uint32,
  flags: uint32,
});

const event = fc.record({
  timeNs: uint64,
  name: text,
  attributes,
  droppedAttributes: uint32,
});

/** The spans of a trace with whatever in each field; no two of one id. */
export const wholeTraceArbitrary: fc.Arbitrary<Span[]> = fc.tuple(
  fc.array(resource, { minLength: 1, maxLength: 3 }),
  fc.array(scope, { minLength: 1, maxLength: 3 }),
).chain(([resources, scopes]) =>
  fc.uniqueArray(
    fc.record({
      traceId: fc.constant(TRACE_ID),
      spanId: hex(16),
      parentSpanId: fc.oneof(fc.constant(""), hex(16)),
      traceState: text,
      flags: uint32,
      name: text,
      kind: fc.constantFrom<Span["kind"]>(0, 1, 2, 3, 4, 5),
      startNs: uint64,
      endNs: uint64,
      attributes,
      droppedAttributes: uint32,
      events: fc.array(event, { maxLength: 2 }),
      droppedEvents: uint32,
      links: fc.array(link, { maxLength: 2 }),
      droppedLinks: uint32,
      status: fc.record({
        code: fc.constantFrom<Span["status"]["code"]>(0, 1, 2),
        message: text,
      }),
      resource: fc.constantFrom(...resources),
      scope: fc.constantFrom(...scopes),
    }),
    { maxLength: 6, selector: ({ spanId }) => spanId },
  )
);
