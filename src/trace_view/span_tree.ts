import { isClientSide, isServerSide } from "../map/span_kind.ts";
import type { Span } from "../spans/span.ts";

/**
 * The spans of a trace and who called whom. Spans are named by their place in
 * `spans`; every list that has one entry a span is in that order.
 */
export interface SpanTree {
  /** By start, then id, then kind. */
  readonly spans: readonly Span[];
  /** Its parent's place; -1 for a root. */
  readonly parents: readonly number[];
  /** The places of its children. */
  readonly children: readonly (readonly number[])[];
  /** Every span's place, each parent before its children. */
  readonly topDown: readonly number[];
  /**
   * The first span without a parent; where all name one, the first of those
   * whose parent is not there; -1 of no spans.
   */
  readonly root: number;
  /** How many spans name a parent that is not there. */
  readonly missingParents: number;
}

const NO_PARENT = -1;
const MISSING = -2;

/**
 * Who called whom in a trace. A span that is its own parent is a root; of spans
 * that are each other's ancestors the first is one. Where both halves of a call
 * share an id (Zipkin), the server's is the client's child, and further spans
 * that name the id are the server's children.
 *
 * @param spans No two of one id and kind (see `distinctSpans`).
 */
export function spanTree(spans: readonly Span[]): SpanTree {
  const sorted = spans.toSorted(byStart);
  const named = namedParents(sorted);
  const parents = named.map((parent) => Math.max(parent, NO_PARENT));
  const children: number[][] = sorted.map(() => []);
  for (const [at, parent] of parents.entries()) children[parent]?.push(at);
  const topDown = orderTopDown(parents, children);
  return {
    spans: sorted,
    parents,
    children,
    topDown,
    root: rootOf(sorted, parents),
    missingParents: named.filter((parent) => parent === MISSING).length,
  };
}

function byStart(a: Span, b: Span): number {
  if (a.startNs !== b.startNs) return a.startNs < b.startNs ? -1 : 1;
  if (a.spanId !== b.spanId) return a.spanId < b.spanId ? -1 : 1;
  return a.kind - b.kind;
}

function rootOf(spans: readonly Span[], parents: readonly number[]): number {
  const root = spans.findIndex((span, at) =>
    span.parentSpanId === "" && parents[at] === NO_PARENT
  );
  return root !== -1 ? root : parents.indexOf(NO_PARENT);
}

function namedParents(spans: readonly Span[]): number[] {
  const byId = new Map<string, number[]>();
  for (const [at, { spanId }] of spans.entries()) {
    const same = byId.get(spanId);
    if (same === undefined) byId.set(spanId, [at]);
    else same.push(at);
  }
  return spans.map((span) => {
    if (isServerSide(span.kind)) {
      const caller = byId.get(span.spanId)
        ?.find((other) => isOfKind(spans[other], isClientSide));
      if (caller !== undefined) return caller;
    }
    if (span.parentSpanId === "") return NO_PARENT;
    const named = byId.get(span.parentSpanId) ?? [];
    const server = named.find((other) => isOfKind(spans[other], isServerSide));
    return server ?? named[0] ?? MISSING;
  });
}

function isOfKind(
  span: Span | undefined,
  is: (kind: Span["kind"]) => boolean,
): boolean {
  return span !== undefined && is(span.kind);
}

// Cuts each circle of parents at its first span, in `parents` and `children`.
function orderTopDown(
  parents: number[],
  children: number[][],
): number[] {
  const order: number[] = [];
  const reached = new Uint8Array(parents.length);
  for (const [at, parent] of parents.entries()) {
    if (parent === NO_PARENT) reach(at);
  }
  for (let at = 0; at < parents.length; at++) {
    if (reached[at] !== 0) continue;
    const first = firstOfCircle(parents, at);
    const siblings = children[parents[first] ?? NO_PARENT];
    siblings?.splice(siblings.indexOf(first), 1);
    parents[first] = NO_PARENT;
    reach(first);
  }
  return order;

  function reach(root: number): void {
    let next = order.push(root) - 1;
    for (; next < order.length; next++) {
      const at = order[next] ?? root;
      reached[at] = 1;
      for (const child of children[at] ?? []) order.push(child);
    }
  }
}

// The circle that the ancestors of a span end in, for it has no root.
function firstOfCircle(parents: readonly number[], from: number): number {
  const passed = new Set<number>();
  let at = from;
  for (; !passed.has(at); at = parents[at] ?? at) passed.add(at);
  let first = at;
  for (let next = parents[at] ?? at; next !== at; next = parents[next] ?? at) {
    first = Math.min(first, next);
  }
  return first;
}
