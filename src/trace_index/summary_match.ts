import { OVERFLOW_NAME } from "../map/window_entries.ts";
import { foldName } from "../map/fold_name.ts";
import { nodeOfId } from "../map/node_identity.ts";
import { StatusCode } from "../map/span_kind.ts";
import { cutText, MAX_NAME_CHARS } from "../otlp/text_limits.ts";
import { askedIds } from "../search/resource_ids.ts";
import type {
  AskedRoot,
  FieldCondition,
  SpanCondition,
  TraceFilter,
} from "../search/trace_filter.ts";
import { compares } from "../search/compares.ts";
import { mayHave } from "./indexed_attributes.ts";
import type { SpanGroup, TraceSummary } from "./summary.ts";

/** Whether a trace is asked for; `maybe`: only its spans can tell. */
export type Verdict = "yes" | "maybe" | "no";

/**
 * Whether a filter asks for a trace, as far as its summary tells.
 *
 * @example
 * ```ts
 * import { emptySummary } from "../src/trace_index/summary.ts";
 * import { matchSummary } from "../src/trace_index/summary_match.ts";
 *
 * const summary = { ...emptySummary("0123456789abcdef"), startNs: 5n };
 * const filter = {
 *   span: [], failed: null, minDurationNs: null, maxDurationNs: null,
 *   fromNs: 5n, toNs: 6n, root: { service: null, name: null },
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
  return leastOf([
    matchRoot(summary, filter.root),
    matchSpans(summary, conditions),
  ]);
}

function matchRoot(summary: TraceSummary, asked: AskedRoot): Verdict {
  if (asked.service === null && asked.name === null) return "yes";
  const { root } = summary;
  if (root === null || !root.first) return "no";
  const { name } = nodeOfId(root.service);
  const isService = asked.service === null || asked.service === name ||
    name === OVERFLOW_NAME;
  const isName = asked.name === null ||
    operationOf(asked.name) === root.operation;
  return isService && isName ? "maybe" : "no";
}

function matchSpans(
  summary: TraceSummary,
  conditions: readonly SpanCondition[],
): Verdict {
  if (conditions.length === 0) return "yes";
  const groups = summary.overflowed
    ? [...summary.groups, null]
    : summary.groups;
  return mostOf(
    groups.map((group) => matchGroup(group, summary, conditions)),
  );
}

/** @param group null: of spans of which no group tells. */
function matchGroup(
  group: SpanGroup | null,
  summary: TraceSummary,
  conditions: readonly SpanCondition[],
): Verdict {
  const verdict = leastOf(
    conditions.map((condition) => matchCondition(group, summary, condition)),
  );
  // Each of them holds for some span of the group, not for the same one.
  const differing = conditions.filter((condition) => !isShared(condition));
  const isOneSpan = group?.spans === 1 || differing.length <= 1;
  return verdict === "yes" && !isOneSpan ? "maybe" : verdict;
}

/** Whether all spans of a group are alike in what a condition asks. */
function isShared(condition: SpanCondition): boolean {
  if (condition.on === "not") return isShared(condition.condition);
  if (condition.on === "anyOf") return condition.conditions.every(isShared);
  return condition.on === "service" || condition.on === "operation" ||
    condition.on === "kind";
}

function matchCondition(
  group: SpanGroup | null,
  summary: TraceSummary,
  condition: SpanCondition,
): Verdict {
  if (condition.on === "anyOf") {
    return mostOf(
      condition.conditions.map((one) => matchCondition(group, summary, one)),
    );
  }
  if (condition.on !== "not") return matchField(group, summary, condition);
  if (!isShared(condition)) return "maybe";
  const verdict = matchField(group, summary, condition.condition);
  return verdict === "maybe" ? verdict : is(verdict === "no");
}

/** What is known of the whole trace alone may be of another span of it. */
function matchField(
  group: SpanGroup | null,
  summary: TraceSummary,
  condition: FieldCondition,
): Verdict {
  if (condition.on === "resource") {
    const mayBe = summary.overflowed || holdsResource(summary, condition.id);
    return mayBe ? "maybe" : "no";
  }
  if (condition.on === "attribute") {
    return mayHave(summary.attributes, condition) ? "maybe" : "no";
  }
  if (condition.on === "number" || group === null) return "maybe";
  return matchGroupField(group, condition);
}

function matchGroupField(
  group: SpanGroup,
  condition: Exclude<
    FieldCondition,
    { on: "resource" | "attribute" | "number" }
  >,
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
      return group.operation === operationOf(condition.name) ? "maybe" : "no";
    case "kind":
      return is(group.kind === condition.kind);
    case "status":
      if (condition.status === StatusCode.ERROR) return is(group.errors > 0);
      return group.errors < group.spans ? "maybe" : "no";
    case "duration": {
      const { comparison, ns } = condition;
      if (compares(group.minNs, comparison, ns)) return "yes";
      if (compares(group.maxNs, comparison, ns)) return "yes";
      const isWithin = group.minNs < ns && ns < group.maxNs;
      return comparison === "=" && isWithin ? "maybe" : "no";
    }
  }
}

/** A span's name as the map has it, as `classify` makes it. */
function operationOf(name: string): string {
  return foldName(cutText(name, MAX_NAME_CHARS));
}

function holdsResource(summary: TraceSummary, id: string): boolean {
  const asked = askedIds(id);
  return summary.resourceIds.some((one) => asked.includes(one));
}

function is(holds: boolean): Verdict {
  return holds ? "yes" : "no";
}

function mostOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("yes")) return "yes";
  return verdicts.includes("maybe") ? "maybe" : "no";
}

function leastOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("no")) return "no";
  return verdicts.includes("maybe") ? "maybe" : "yes";
}
