import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SpanKind } from "../../src/map/span_kind.ts";
import type { AttributeValue, Span } from "../../src/spans/span.ts";
import { skewAdjustments } from "../../src/trace_view/clock_skew.ts";
import { spanTree } from "../../src/trace_view/span_tree.ts";
import { makeSpan, resourceOf } from "./make_span.ts";
import { traceArbitrary } from "./tree_arbitrary.ts";

interface Case {
  readonly id: number;
  readonly parent?: number;
  readonly from: number;
  readonly length: number;
  readonly host: string;
  readonly start: number;
}

const ROOT = { id: 1, from: 10, length: 100, host: "a", start: 10 };

// The cases of Jaeger's own clockskew_test.go; `start` is the adjusted one.
const JAEGER: readonly (readonly [string, readonly Case[]])[] = [
  ["a child on the same host", [
    ROOT,
    { id: 2, parent: 1, from: 0, length: 50, host: "a", start: 0 },
  ]],
  ["a child that fits", [
    ROOT,
    { id: 2, parent: 1, from: 20, length: 50, host: "b", start: 20 },
  ]],
  ["a longer child that starts later", [
    ROOT,
    { id: 2, parent: 1, from: 20, length: 150, host: "b", start: 20 },
  ]],
  ["a child that starts before", [
    ROOT,
    { id: 2, parent: 1, from: 0, length: 50, host: "b", start: 35 },
  ]],
  ["a longer child that starts before", [
    ROOT,
    { id: 2, parent: 1, from: 0, length: 150, host: "b", start: 10 },
  ]],
  ["a child that ends after, and its child on its host", [
    ROOT,
    { id: 2, parent: 1, from: 50, length: 70, host: "b", start: 25 },
    { id: 3, parent: 2, from: 60, length: 20, host: "b", start: 35 },
  ]],
  ["a parent that is not there", [
    { id: 1, parent: 9, from: 0, length: 100, host: "a", start: 0 },
  ]],
];

test.each(JAEGER)("skewAdjustments() does as Jaeger does: %s", (_, cases) => {
  const spans = cases.map(({ id, parent = 0, from, length, host }) =>
    makeSpan({
      id,
      parent,
      from,
      to: from + length,
      resource: resourceOf(`of ${id}`, { "host.ip": [host, "::1"] }),
    })
  );
  expect(adjustedStarts(spans))
    .toEqual(Object.fromEntries(cases.map(({ id, start }) => [id, start])));
});

function adjustedStarts(spans: readonly Span[]): Record<string, number> {
  const tree = spanTree(spans);
  const adjustments = skewAdjustments(tree);
  return Object.fromEntries(
    tree.spans.map((span, at) => [
      Number(span.spanId),
      Number(span.startNs - 1_700_000_000_000_000_000n) +
      Number(adjustments[at]),
    ]),
  );
}

function startOfChild(
  parent: Readonly<Record<string, AttributeValue>>,
  child: Readonly<Record<string, AttributeValue>>,
): number | undefined {
  return adjustedStarts([
    makeSpan({ id: 1, from: 10, to: 110, resource: resourceOf("a", parent) }),
    makeSpan({
      id: 2,
      parent: 1,
      from: 0,
      to: 50,
      resource: resourceOf("a", child),
    }),
  ])[2];
}

test("skewAdjustments() knows a clock by its host, else by its resource", () => {
  const moved = 35;
  expect(startOfChild({}, {})).toBe(0);
  expect(startOfChild({}, { "service.instance.id": "2" })).toBe(moved);
  expect(startOfChild({ "host.id": "h", x: 1n }, { "host.id": "h", x: 2n }))
    .toBe(0);
  expect(startOfChild({ "host.id": "h" }, { "host.id": "i" })).toBe(moved);
  expect(startOfChild({ "host.id": "" }, { "host.id": "", x: 1n }))
    .toBe(moved);
  expect(startOfChild({ "host.ip": "1", x: 1n }, { "host.ip": ["1"] })).toBe(0);
  expect(startOfChild({ "host.name": "n", x: 1n }, { "host.name": "n" }))
    .toBe(0);
  expect(startOfChild(
    { "host.id": "h", "host.name": "n" },
    { "host.id": "i", "host.name": "n" },
  )).toBe(moved);
});

test.each([
  [SpanKind.PRODUCER, SpanKind.INTERNAL],
  [SpanKind.INTERNAL, SpanKind.CONSUMER],
])("skewAdjustments() lets a message come later: kinds %i, %i", (from, to) => {
  const sent = makeSpan(
    { id: 1, from: 10, to: 20, resource: resourceOf("a") },
    { kind: from },
  );
  const received = { id: 2, parent: 1, resource: resourceOf("b") };
  const later = makeSpan({ ...received, from: 90, to: 95 }, { kind: to });
  expect(adjustedStarts([sent, later])[2]).toBe(90);
  const before = makeSpan({ ...received, from: 3, to: 5 }, { kind: to });
  expect(adjustedStarts([sent, before])[2]).toBe(10);
});

test("skewAdjustments() leaves no call outside its caller's time", () => {
  fc.assert(fc.property(traceArbitrary, (spans) => {
    const tree = spanTree(spans);
    const adjustments = skewAdjustments(tree);
    for (const [at, span] of tree.spans.entries()) {
      const parentAt = tree.parents[at] ?? -1;
      const parent = tree.spans[parentAt];
      const adjustment = adjustments[at] ?? 0n;
      if (parent === undefined) {
        expect(adjustment).toBe(0n);
        continue;
      }
      const parentAdjustment = adjustments[parentAt] ?? 0n;
      if (span.resource === parent.resource) {
        expect(adjustment).toBe(parentAdjustment);
        continue;
      }
      const start = span.startNs + adjustment;
      const parentStart = parent.startNs + parentAdjustment;
      expect(start >= parentStart).toBe(true);
      const length = lengthOf(span);
      const message = span.kind === SpanKind.CONSUMER ||
        parent.kind === SpanKind.PRODUCER;
      if (message || length > lengthOf(parent)) continue;
      expect(start + length <= parentStart + lengthOf(parent)).toBe(true);
    }
  }));
});

function lengthOf({ startNs, endNs }: Span): bigint {
  return endNs > startNs ? endNs - startNs : 0n;
}
