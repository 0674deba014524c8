import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Span } from "../../src/spans/span.ts";
import { skewAdjustments } from "../../src/trace_view/clock_skew.ts";
import { criticalPath } from "../../src/trace_view/critical_path.ts";
import { type Interval, spanInterval } from "../../src/trace_view/interval.ts";
import { selfTimes } from "../../src/trace_view/self_time.ts";
import { type SpanTree, spanTree } from "../../src/trace_view/span_tree.ts";
import { makeSpan, ZERO_NS } from "./make_span.ts";
import { traceArbitrary } from "./tree_arbitrary.ts";

interface Timed {
  readonly tree: SpanTree;
  readonly intervals: readonly Interval[];
}

function timed(spans: readonly Span[]): Timed {
  const tree = spanTree(spans);
  const adjustments = skewAdjustments(tree);
  return {
    tree,
    intervals: tree.spans.map((span, at) =>
      spanInterval(span, adjustments[at] ?? 0n)
    ),
  };
}

/** `[span, from, to]` of each segment. */
function pathOf(spans: readonly Span[]): number[][] {
  const { tree, intervals } = timed(spans);
  return criticalPath(tree, intervals).map(({ at, startNs, endNs }) => [
    Number(tree.spans[at]?.spanId),
    Number(startNs - ZERO_NS),
    Number(endNs - ZERO_NS),
  ]);
}

function selfOf(spans: readonly Span[]): number[] {
  const { tree, intervals } = timed(spans);
  return selfTimes(tree, intervals).map(Number);
}

const ROOT = makeSpan({ id: 1, from: 0, to: 100 });

test("criticalPath() of one call after another goes through both", () => {
  const spans = [
    ROOT,
    makeSpan({ id: 2, parent: 1, from: 10, to: 40 }),
    makeSpan({ id: 3, parent: 1, from: 50, to: 90 }),
  ];
  expect(pathOf(spans))
    .toEqual([[1, 0, 10], [2, 10, 40], [1, 40, 50], [3, 50, 90], [1, 90, 100]]);
  expect(selfOf(spans)).toEqual([30, 30, 40]);
});

test("criticalPath() of calls at one time goes through the last to end", () => {
  const spans = [
    ROOT,
    makeSpan({ id: 2, parent: 1, from: 10, to: 60 }),
    makeSpan({ id: 3, parent: 1, from: 20, to: 90 }),
    makeSpan({ id: 4, parent: 1, from: 5, to: 20 }),
  ];
  expect(pathOf(spans))
    .toEqual([[1, 0, 5], [4, 5, 20], [3, 20, 90], [1, 90, 100]]);
  // By start: 1, 4, 2, 3.
  expect(selfOf(spans)).toEqual([15, 15, 50, 70]);
});

test("criticalPath() cuts a child off where its parent ends", () => {
  expect(pathOf([
    ROOT,
    makeSpan({ id: 2, parent: 1, from: 50, to: 130 }),
    makeSpan({ id: 3, parent: 2, from: 80, to: 120 }),
    makeSpan({ id: 4, parent: 1, from: 140, to: 150 }),
  ])).toEqual([[1, 0, 50], [2, 50, 80], [3, 80, 100]]);
});

test("criticalPath() takes the longest of those that end together", () => {
  expect(pathOf([
    ROOT,
    makeSpan({ id: 2, parent: 1, from: 50, to: 100 }),
    makeSpan({ id: 3, parent: 1, from: 20, to: 100 }),
  ])).toEqual([[1, 0, 20], [3, 20, 100]]);
});

test("criticalPath() is empty of a root that takes no time", () => {
  expect(pathOf([makeSpan({ id: 1, from: 5, to: 5 })])).toEqual([]);
  expect(pathOf([makeSpan({ id: 1, from: 5, to: 4 })])).toEqual([]);
  expect(pathOf([])).toEqual([]);
});

/** The path by its definition: `[span, from, to]`, the last first. */
function slowPath(
  { tree, intervals }: Timed,
  at: number,
  window: Interval,
): [number, bigint, bigint][] {
  let until = window.endNs;
  const path: [number, bigint, bigint][] = [];
  for (;;) {
    const ended = (tree.children[at] ?? []).map((child) => {
      const { startNs, endNs } = intervals[child] ?? window;
      return {
        child,
        startNs: startNs < window.startNs ? window.startNs : startNs,
        endNs: endNs > window.endNs ? window.endNs : endNs,
      };
    }).filter(({ startNs, endNs }) => startNs < endNs && endNs <= until);
    const latest = ended.map(({ endNs }) => endNs)
      .reduce((a, b) => a > b ? a : b, window.startNs);
    const longest = ended.filter(({ endNs }) => endNs === latest)
      .map(({ startNs }) => startNs)
      .reduce((a, b) => a < b ? a : b, latest);
    const last = ended.find(({ startNs, endNs }) =>
      endNs === latest && startNs === longest
    );
    if (latest < until) path.push([at, latest, until]);
    if (last === undefined) return path;
    path.push(...slowPath({ tree, intervals }, last.child, last));
    until = last.startNs;
  }
}

test("criticalPath() is the path by its definition", () => {
  fc.assert(
    fc.property(traceArbitrary, (spans) => {
      const of = timed(spans);
      const window = of.intervals[of.tree.root];
      const expected = window === undefined
        ? []
        : slowPath(of, of.tree.root, window).toReversed();
      expect(
        criticalPath(of.tree, of.intervals)
          .map(({ at, startNs, endNs }) => [at, startNs, endNs]),
      ).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test("criticalPath() fills the root's time without gap or overlap", () => {
  fc.assert(
    fc.property(traceArbitrary, (spans) => {
      const { tree, intervals } = timed(spans);
      const root = intervals[tree.root];
      let at = root?.startNs;
      for (const segment of criticalPath(tree, intervals)) {
        expect(segment.startNs).toBe(at);
        expect(segment.endNs > segment.startNs).toBe(true);
        const own = intervals[segment.at];
        expect(own !== undefined && own.startNs <= segment.startNs).toBe(true);
        expect(own !== undefined && own.endNs >= segment.endNs).toBe(true);
        at = segment.endNs;
      }
      expect(at).toBe(root?.endNs);
    }),
    { numRuns: 500 },
  );
});

test("selfTimes() is every ns of a span in which no child runs", () => {
  fc.assert(
    fc.property(traceArbitrary, (spans) => {
      const { tree, intervals } = timed(spans);
      const counted = intervals.map(({ startNs, endNs }, at) => {
        let alone = 0n;
        for (let ns = startNs; ns < endNs; ns++) {
          const called = (tree.children[at] ?? []).some((child) => {
            const part = intervals[child];
            return part !== undefined && part.startNs <= ns && ns < part.endNs;
          });
          if (!called) alone++;
        }
        return alone;
      });
      expect(selfTimes(tree, intervals)).toEqual(counted);
    }),
    { numRuns: 300 },
  );
});
