import { OVERFLOW_NAME } from "../map/window_entries.ts";
import { foldName } from "../map/fold_name.ts";
import { nodeOfId } from "../map/node_identity.ts";
import { StatusCode } from "../map/span_kind.ts";
import type { SpanCondition, TraceFilter } from "../search/trace_filter.ts";
import { compares } from "../search/compares.ts";
import type { SpanGroup, TraceSummary } from "./summary.ts";

/** Whether a trace is asked for; `maybe`: only its spans can tell. */
export type Verdict = "yes" | "maybe" | "no";

/**
 * Whether a filter asks for a trace, as far as its summary tells.
 *
 * @example
 * ```ts
 * import { emptySummary } from "../src/trace_store/summary.ts";
 * import { matchSummary } from "../src/trace_store/summary_match.ts";
 *
 * const summary = { ...emptySummary("0123456789abcdef"), startNs: 5n };
 * const filter = {
 *   span: [], failed: null, minDurationNs: null, maxDurationNs: null,
 *   fromNs: 5n, toNs: 6n,
 * };
 * expect(matchSummary(summary, filter)).toBe("yes");
 * expect(matchSummary(summary, { ...filter, failed: true })).toBe("no");
 * ```
 */
export function matchSummary(
  summary: TraceSummary,
  filter: TraceFilter,
): Verdict {
  const { startNs, endNs } = summary;
  if (startNs < filter.fromNs || startNs >= filter.toNs) return "no";
  const { failed, minDurationNs, maxDurationNs, span: conditions } = filter;
  if (failed !== null && failed !== summary.errorCount > 0) return "no";
  const durationNs = Number(endNs - startNs);
  if (minDurationNs !== null && durationNs < minDurationNs) return "no";
  if (maxDurationNs !== null && durationNs > maxDurationNs) return "no";
  return matchSpans(summary, conditions);
}

function matchSpans(
  summary: TraceSummary,
  conditions: readonly SpanCondition[],
): Verdict {
  if (conditions.length === 0) return "yes";
  let best: Verdict = "no";
  for (const group of summary.groups) {
    const verdict = matchGroup(group, summary, conditions);
    if (verdict === "yes") return "yes";
    if (verdict === "maybe") best = "maybe";
  }
  return best === "no" && summary.overflowed ? "maybe" : best;
}

/** Conditions that tell spans of one group apart: one alone can be told. */
const APART: ReadonlySet<SpanCondition["on"]> = new Set([
  "status",
  "duration",
  "resource",
  "attribute",
  "name",
]);

function matchGroup(
  group: SpanGroup,
  summary: TraceSummary,
  conditions: readonly SpanCondition[],
): Verdict {
  const alone = group.spans === 1 ||
    conditions.filter(({ on }) => APART.has(on)).length <= 1;
  let verdict: Verdict = alone ? "yes" : "maybe";
  for (const condition of conditions) {
    const one = matchCondition(group, summary, condition);
    if (one === "no") return "no";
    if (one === "maybe") verdict = "maybe";
  }
  return verdict;
}

function matchCondition(
  group: SpanGroup,
  summary: TraceSummary,
  condition: SpanCondition,
): Verdict {
  switch (condition.on) {
    case "service": {
      const { name, namespace, environment } = nodeOfId(group.service);
      // What the map counts as one keeps its name in the span alone.
      if (name === OVERFLOW_NAME) return "maybe";
      const asked = condition.service;
      return is(
        name === asked.name &&
          (asked.namespace ?? namespace) === namespace &&
          (asked.environment ?? environment) === environment,
      );
    }
    case "operation":
      return is(group.operation === condition.operation);
    case "name":
      return group.operation === foldName(condition.name) ? "maybe" : "no";
    case "kind":
      return is(group.kind === condition.kind);
    case "status":
      if (condition.status === StatusCode.ERROR) return is(group.errors > 0);
      return group.errors < group.spans ? "maybe" : "no";
    case "duration": {
      const { comparison, ns } = condition;
      if (compares(group.minNs, comparison, ns)) return "yes";
      if (compares(group.maxNs, comparison, ns)) return "yes";
      // Between the two: an equal one may be among more than two.
      const within = group.minNs < ns && ns < group.maxNs;
      return comparison === "=" && within ? "maybe" : "no";
    }
    case "resource":
      // It may be of another span of the trace.
      return summary.overflowed || holdsResource(summary, condition.id)
        ? "maybe"
        : "no";
    case "attribute":
      return "maybe";
  }
}

function holdsResource(summary: TraceSummary, id: string): boolean {
  const bare = id.slice(id.lastIndexOf(":") + 1);
  return summary.resourceIds.some((one) => one === id || one === bare);
}

function is(holds: boolean): Verdict {
  return holds ? "yes" : "no";
}
