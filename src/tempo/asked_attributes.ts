import { SPAN_KIND_NAMES, StatusCode } from "../map/span_kind.ts";
import type { SpanCondition } from "../search/trace_filter.ts";
import type { AttributeValue, Span } from "../spans/span.ts";

const STATUS_NAMES: Readonly<Record<StatusCode, string>> = {
  [StatusCode.UNSET]: "unset",
  [StatusCode.OK]: "ok",
  [StatusCode.ERROR]: "error",
};

/**
 * What a span has of the fields that conditions name, by key without scope:
 * each becomes a column of Grafana's table.
 *
 * Source: grafana/tempo 3.1.0, `spans[].attributes` of `/api/search`.
 */
export function askedAttributes(
  span: Span,
  conditions: readonly SpanCondition[],
): ReadonlyMap<string, AttributeValue> {
  const fields = new Map<string, AttributeValue>();
  for (const condition of conditions.flatMap(fieldsOf)) {
    if (condition.on === "status") {
      fields.set("status", STATUS_NAMES[span.status.code]);
    } else if (condition.on === "kind") {
      fields.set("kind", SPAN_KIND_NAMES[span.kind]);
    } else if (condition.on === "attribute" || condition.on === "number") {
      const { scope, key } = condition;
      const own = scope === "resource" ? undefined : span.attributes.get(key);
      const value = own ??
        (scope === "span" ? undefined : span.resource.attributes.get(key));
      if (value !== undefined && value !== null) fields.set(key, value);
    }
  }
  return fields;
}

function fieldsOf(
  condition: SpanCondition,
): readonly Exclude<SpanCondition, { on: "anyOf" | "not" }>[] {
  if (condition.on === "anyOf") return condition.conditions.flatMap(fieldsOf);
  return [condition.on === "not" ? condition.condition : condition];
}
