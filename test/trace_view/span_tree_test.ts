import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SpanKind } from "../../src/map/span_kind.ts";
import type { Span } from "../../src/spans/span.ts";
import { distinctSpans } from "../../src/trace_view/distinct_spans.ts";
import { spanTree } from "../../src/trace_view/span_tree.ts";
import { makeSpan, spanId } from "./make_span.ts";
import { traceArbitrary } from "./tree_arbitrary.ts";

function parentIds(spans: readonly Span[]): Record<string, string> {
  const tree = spanTree(spans);
  return Object.fromEntries(tree.spans.map((span, at) => {
    const parent = tree.spans[tree.parents[at] ?? -1];
    return [
      `${Number(span.spanId)} ${span.kind}`,
      parent === undefined ? "" : `${Number(parent.spanId)} ${parent.kind}`,
    ];
  }));
}

test("spanTree() knows parents, roots and who is missing", () => {
  const spans = [
    makeSpan({ id: 3, parent: 2, from: 3, to: 4 }),
    makeSpan({ id: 4, parent: 9, from: 0, to: 4 }),
    makeSpan({ id: 2, parent: 1, from: 2, to: 9 }),
    makeSpan({ id: 1, from: 1, to: 10 }),
    makeSpan({ id: 5, parent: 5, from: 0, to: 4 }),
  ];
  expect(parentIds(spans))
    .toEqual({ "1 1": "", "2 1": "1 1", "3 1": "2 1", "4 1": "", "5 1": "" });
  const tree = spanTree(spans);
  expect(tree.missingParents).toBe(1);
  expect(tree.spans[tree.root]?.spanId).toBe(spanId(1));
});

test("spanTree() takes the first orphan for the root where there is none", () => {
  const tree = spanTree([
    makeSpan({ id: 2, parent: 8, from: 2, to: 9 }),
    makeSpan({ id: 3, parent: 9, from: 1, to: 4 }),
  ]);
  expect(tree.spans[tree.root]?.spanId).toBe(spanId(3));
  expect(tree.missingParents).toBe(2);
});

test("spanTree() cuts a circle at its first span, not at one below it", () => {
  expect(parentIds([
    makeSpan({ id: 7, parent: 1, from: 0, to: 9 }),
    makeSpan({ id: 1, parent: 3, from: 2, to: 9 }),
    makeSpan({ id: 2, parent: 1, from: 1, to: 9 }),
    makeSpan({ id: 3, parent: 2, from: 3, to: 9 }),
  ])).toEqual({ "7 1": "1 1", "2 1": "", "3 1": "2 1", "1 1": "3 1" });
});

test("spanTree() puts the halves of a call that share an id in order", () => {
  const { CLIENT, INTERNAL, SERVER } = SpanKind;
  expect(parentIds([
    makeSpan({ id: 1, from: 0, to: 9 }),
    makeSpan({ id: 2, parent: 1, from: 2, to: 7 }, { kind: SERVER }),
    makeSpan({ id: 2, parent: 1, from: 1, to: 8 }, { kind: CLIENT }),
    makeSpan({ id: 3, parent: 2, from: 3, to: 4 }, { kind: INTERNAL }),
  ])).toEqual({ "1 1": "", "2 3": "1 1", "2 2": "2 3", "3 1": "2 2" });
});

test("spanTree() is one forest of all spans, whatever their order", () => {
  fc.assert(fc.property(traceArbitrary, (spans) => {
    const tree = spanTree(spans);
    expect(tree).toEqual(spanTree(spans.toReversed()));
    expect(tree.topDown.toSorted((a, b) => a - b))
      .toEqual(spans.map((_, at) => at));
    for (const [at, parent] of tree.parents.entries()) {
      const children = tree.children[parent] ?? [];
      expect(children.filter((child) => child === at))
        .toHaveLength(parent === -1 ? 0 : 1);
      expect(tree.topDown.indexOf(parent))
        .toBeLessThan(tree.topDown.indexOf(at));
    }
    expect(tree.children.flat().length + roots(tree.parents))
      .toBe(spans.length);
  }));
});

function roots(parents: readonly number[]): number {
  return parents.filter((parent) => parent === -1).length;
}

test("distinctSpans() keeps the first of one id and kind", () => {
  const first = makeSpan({ id: 1, from: 0, to: 1 });
  const again = makeSpan({ id: 1, from: 5, to: 6 });
  const server = makeSpan({ id: 1, from: 0, to: 1 }, { kind: 2 });
  const other = makeSpan({ id: 2, from: 0, to: 1 });
  expect(distinctSpans([first, again, server, other, server]))
    .toEqual([first, server, other]);
});
