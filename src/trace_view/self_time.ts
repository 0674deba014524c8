import { clipped, type Interval, lengthNs } from "./interval.ts";
import type { SpanTree } from "./span_tree.ts";

/**
 * How much of its time each span spent in no child of its, ns: its length less
 * the union of its children's parts within it.
 *
 * @param intervals Of each span.
 * @returns One a span, in the order of `tree.spans`.
 */
export function selfTimes(
  tree: SpanTree,
  intervals: readonly Interval[],
): bigint[] {
  return intervals.map((own, at) => {
    const parts: Interval[] = [];
    for (const child of tree.children[at] ?? []) {
      const interval = intervals[child];
      const part = interval === undefined ? undefined : clipped(interval, own);
      if (part !== undefined) parts.push(part);
    }
    return lengthNs(own) - unionNs(parts);
  });
}

function unionNs(parts: Interval[]): bigint {
  parts.sort((a, b) => a.startNs < b.startNs ? -1 : 1);
  let ns = 0n;
  let coveredTo = parts[0]?.startNs ?? 0n;
  for (const { startNs, endNs } of parts) {
    if (endNs <= coveredTo) continue;
    ns += endNs - (startNs > coveredTo ? startNs : coveredTo);
    coveredTo = endNs;
  }
  return ns;
}
