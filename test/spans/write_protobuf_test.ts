import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_MESSAGE_DEPTH } from "../../src/otlp/message_walker.ts";
import { readProtobufSpans } from "../../src/spans/read_protobuf.ts";
import type { AttributeValue, Span } from "../../src/spans/span.ts";
import { writeProtobufSpans } from "../../src/spans/write_protobuf.ts";
import { arbitrarySpans, runsOf } from "./arbitrary_spans.ts";

test("writeProtobufSpans() writes what readProtobufSpans() reads back to equal spans", () => {
  fc.assert(
    fc.property(arbitrarySpans, (spans) => {
      const body = writeProtobufSpans(spans);
      expect(body.constructor).toBe(Uint8Array);
      expect(readProtobufSpans(body)).toEqual(spans);
    }),
    { numRuns: 150 },
  );
});

test("writeProtobufSpans() brings spans of one resource and one scope together", () => {
  fc.assert(
    fc.property(arbitrarySpans, (spans) => {
      // Each run's spans apart from each other.
      const apart = runsOf(spans, "scope")
        .flatMap((run) => run.map((span, at) => ({ span, at })))
        .toSorted((a, b) => a.at - b.at)
        .map(({ span }) => span);
      const read = readProtobufSpans(writeProtobufSpans(apart));
      for (const shared of ["resource", "scope"] as const) {
        expect(runsOf(read, shared).length).toBe(runsOf(spans, shared).length);
      }
      const key = ({ traceId, spanId }: Span) => traceId + spanId;
      expect(read.map(key).toSorted()).toEqual(apart.map(key).toSorted());
    }),
    { numRuns: 100 },
  );
});

function nested(levels: number, wrap: "array" | "list"): AttributeValue {
  let value: AttributeValue = "deep";
  for (let level = 0; level < levels; level++) {
    value = wrap === "array" ? [value] : new Map([["a", value]]);
  }
  return value;
}

function hasDeep(value: AttributeValue | undefined): boolean {
  if (value instanceof Map) return hasDeep(value.get("a"));
  return Array.isArray(value)
    ? hasDeep(value[0] as AttributeValue)
    : value === "deep";
}

test.each(
  [
    // A value of each in how many messages; what a level adds.
    { of: "span", depth: 5, wrap: "array", step: 2 },
    { of: "span", depth: 5, wrap: "list", step: 3 },
    { of: "event", depth: 6, wrap: "array", step: 2 },
    { of: "event", depth: 6, wrap: "list", step: 3 },
    { of: "link", depth: 6, wrap: "array", step: 2 },
    { of: "link", depth: 6, wrap: "list", step: 3 },
    { of: "resource", depth: 4, wrap: "array", step: 2 },
    { of: "resource", depth: 4, wrap: "list", step: 3 },
    { of: "scope", depth: 5, wrap: "array", step: 2 },
  ] as const,
)(
  "writeProtobufSpans() writes a value of a $of in all messages ($wrap) that readProtobufSpans() takes, and leaves out what is deeper",
  ({ of, depth, wrap, step }) => {
    const fits = Math.floor((MAX_MESSAGE_DEPTH - depth) / step);
    for (const levels of [fits, fits + 1, 200]) {
      const [whole] = readProtobufSpans(
        Uint8Array.of(10, 7, 18, 5, 18, 3, 42, 1, 97),
      );
      if (whole === undefined) throw new RangeError("no span");
      const attributes = new Map([["a", nested(levels, wrap)]]);
      const event = { timeNs: 1n, name: "", attributes, droppedAttributes: 0 };
      const link = {
        traceId: "",
        spanId: "",
        traceState: "",
        attributes,
        droppedAttributes: 0,
        flags: 0,
      };
      const span = {
        link: { ...whole, links: [link] },
        span: { ...whole, attributes },
        event: { ...whole, events: [event] },
        resource: { ...whole, resource: { ...whole.resource, attributes } },
        scope: { ...whole, scope: { ...whole.scope, attributes } },
      }[of];
      const [read] = readProtobufSpans(writeProtobufSpans([span]));
      if (read === undefined) throw new RangeError("no span");
      const found = {
        link: read.links[0]?.attributes,
        span: read.attributes,
        event: read.events[0]?.attributes,
        resource: read.resource.attributes,
        scope: read.scope.attributes,
      }[of];
      expect(hasDeep(found)).toBe(levels === fits);
    }
  },
);
