import { clipped, type Interval } from "./interval.ts";
import type { SpanTree } from "./span_tree.ts";

/** A part of a trace's critical path: what was waited for then. */
export interface PathSegment extends Interval {
  /** The span's place in `SpanTree.spans`. */
  readonly at: number;
}

interface Visit {
  readonly at: number;
  readonly window: Interval;
  /** Its children within its window, the last to end first. */
  readonly parts: readonly PathSegment[];
  /** The next of `parts`. */
  next: number;
  /** Up to here the path is known, from the end backwards. */
  untilNs: bigint;
}

/**
 * The critical path: what the root waited for, moment by moment. Backwards from
 * the end of a span, the path goes through the child that ended last before
 * that point, then on from that child's start in the same way; what lies
 * between is the span's own. A child counts where it lies within its parent;
 * one that another child on the path outlasts held nobody up.
 *
 * @param intervals Of each span.
 * @returns By time; their union is the root's interval, and no two overlap.
 *
 * Source: CRISP (Zhang et al., USENIX ATC 2022), section 3; Jaeger's UI shows
 * the same path.
 */
export function criticalPath(
  tree: SpanTree,
  intervals: readonly Interval[],
): PathSegment[] {
  const segments: PathSegment[] = [];
  const rootWindow = intervals[tree.root];
  if (rootWindow === undefined) return segments;
  // A stack of its own: a chain of calls may be deeper than the machine's.
  const visits = [visit(tree.root, rootWindow)];
  for (let top = visits.at(-1); top !== undefined; top = visits.at(-1)) {
    const part = nextPart(top);
    own(top, part?.endNs ?? top.window.startNs);
    if (part === undefined) {
      visits.pop();
      continue;
    }
    top.untilNs = part.startNs;
    visits.push(visit(part.at, part));
  }
  return segments.toReversed();

  function visit(at: number, window: Interval): Visit {
    const parts: PathSegment[] = [];
    for (const child of tree.children[at] ?? []) {
      const interval = intervals[child];
      const part = interval === undefined
        ? undefined
        : clipped(interval, window);
      if (part !== undefined) parts.push({ at: child, ...part });
    }
    parts.sort(lastFirst);
    return { at, window, parts, next: 0, untilNs: window.endNs };
  }

  function own({ at, untilNs }: Visit, fromNs: bigint): void {
    if (fromNs < untilNs) {
      segments.push({ at, startNs: fromNs, endNs: untilNs });
    }
  }
}

function nextPart(visit: Visit): PathSegment | undefined {
  for (; visit.next < visit.parts.length; visit.next++) {
    const part = visit.parts[visit.next];
    if (part !== undefined && part.endNs <= visit.untilNs) return part;
  }
  return undefined;
}

// Of those that end together the longest.
function lastFirst(a: PathSegment, b: PathSegment): number {
  if (a.endNs !== b.endNs) return a.endNs > b.endNs ? -1 : 1;
  if (a.startNs !== b.startNs) return a.startNs < b.startNs ? -1 : 1;
  return a.at - b.at;
}
