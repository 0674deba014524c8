import { UNKNOWN_SERVICE } from "../ingest/classify.ts";
import { SpanKind, StatusCode } from "../map/span_kind.ts";
import { quoted } from "./quoted_text.ts";
import { numberText } from "./traceql_number.ts";
import type {
  AskedService,
  Comparison,
  FieldCondition,
  SpanCondition,
  TraceQuestion,
} from "./trace_filter.ts";

// `.5` would be a number, `.1x` a fault.
const PLAIN_KEY = /^(?!\d)[^\s\u0085{}()=~!<>&|^,"\\]+$/;
const KINDS = namesOf(SpanKind);
const STATUSES = namesOf(StatusCode);

/**
 * Writes a question in TraceQL, for Tempo. What TraceQL cannot say (the folded
 * name of an operation, the resource, that no span failed, a key with a NUL) is
 * left out: the query finds these traces among others.
 *
 * @example
 * ```ts
 * import { ANY_TRACE } from "../src/search/trace_filter.ts";
 * import { writeTraceql } from "../src/search/write_traceql.ts";
 *
 * expect(writeTraceql({
 *   ...ANY_TRACE,
 *   span: [{ on: "name", name: "GET /" }],
 *   minDurationNs: 5,
 * })).toBe('{ name = "GET /" && traceDuration >= 5ns }');
 * ```
 */
export function writeTraceql(question: TraceQuestion): string {
  const { root, minDurationNs, maxDurationNs, failed } = question;
  const spans = question.span.map(conditionText);
  const conditions = [
    ...spans.filter((text) => text !== null),
    ...(root.name === null ? [] : [`rootName = ${quoted(root.name)}`]),
    ...(root.service === null
      ? []
      : [`rootServiceName = ${quoted(root.service)}`]),
    ...(minDurationNs === null ? [] : [`traceDuration >= ${minDurationNs}ns`]),
    ...(maxDurationNs === null ? [] : [`traceDuration <= ${maxDurationNs}ns`]),
  ];
  const query = conditions.length === 0
    ? "{ }"
    : `{ ${conditions.join(" && ")} }`;
  return failed === true ? `${query} && { status = error }` : query;
}

/** null where it cannot be said. */
function conditionText(condition: SpanCondition): string | null {
  if (condition.on === "anyOf") {
    const texts = condition.conditions.map(conditionText);
    return texts.includes(null) || texts.length === 0
      ? null
      : `(${texts.join(" || ")})`;
  }
  return condition.on === "not"
    ? fieldText(condition.condition, "!=")
    : fieldText(condition, "=");
}

function fieldText(
  condition: FieldCondition,
  operator: "=" | "!=",
): string | null {
  switch (condition.on) {
    case "service":
      return serviceText(condition.service, operator);
    case "operation":
    case "resource":
      return null;
    case "name":
      return `name ${operator} ${quoted(condition.name)}`;
    case "kind":
      return `kind ${operator} ${KINDS.get(condition.kind) ?? "unspecified"}`;
    case "status":
      return `status ${operator} ${STATUSES.get(condition.status) ?? "unset"}`;
    case "duration":
      return operator === "="
        ? `duration ${condition.comparison} ${condition.ns}ns`
        : null;
    case "number":
      return operator === "="
        ? attributeText(condition, condition.comparison)
        : null;
    case "attribute":
      return attributeText(condition, operator);
  }
}

function attributeText(
  condition: FieldCondition & { readonly on: "attribute" | "number" },
  operator: Comparison,
): string | null {
  // Tempo refuses the whole query.
  if (condition.key.includes("\0")) return null;
  const { scope, value } = condition;
  // Where a span has the key, Tempo's `.key` is not its resource's.
  const scopes = scope === "any" ? ["span", "resource"] : [scope];
  const texts = scopes.map((one) => {
    const field = `${one}.${keyText(condition.key)}`;
    return typeof value === "number"
      ? numberText({ field, operator, value })
      : `${field} ${operator} ${
        typeof value === "string" ? quoted(value) : String(value)
      }`;
  });
  return texts.length === 1 ? texts.join("") : `(${texts.join(" || ")})`;
}

function serviceText(
  { name, namespace, environment }: AskedService,
  operator: "=" | "!=",
): string | null {
  // What nobody named has no name in Tempo, either.
  if (name === UNKNOWN_SERVICE || namespace === "" || environment === "") {
    return null;
  }
  const text = `resource.service.name ${operator} ${quoted(name)}`;
  if (namespace === null && environment === null) return text;
  if (operator === "!=") return null;
  const parts = [text];
  if (namespace !== null) {
    parts.push(`resource.service.namespace = ${quoted(namespace)}`);
  }
  if (environment !== null) {
    const is = `= ${quoted(environment)}`;
    parts.push(
      `(resource.deployment.environment.name ${is} || ` +
        `resource.deployment.environment ${is})`,
    );
  }
  return `(${parts.join(" && ")})`;
}

function keyText(key: string): string {
  return PLAIN_KEY.test(key)
    ? key
    : `"${key.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function namesOf(
  codes: Readonly<Record<string, number>>,
): ReadonlyMap<number, string> {
  return new Map(
    Object.entries(codes).map(([name, code]) => [code, name.toLowerCase()]),
  );
}
