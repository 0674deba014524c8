import { foldName } from "../map/fold_name.ts";
import { cutText, MAX_NAME_CHARS } from "../otlp/text_limits.ts";
import type { AttributeValue, Span } from "../spans/span.ts";
import { compares } from "./compares.ts";
import { askedIds, resourceIds } from "./resource_ids.ts";
import { spanService } from "./span_service.ts";
import type {
  AskedService,
  AttributeScope,
  FieldCondition,
  SpanCondition,
} from "./trace_filter.ts";

type Scalar = string | number | boolean;

/** Whether a span is as the condition says. */
export function matchesSpan(span: Span, condition: SpanCondition): boolean {
  if (condition.on === "anyOf") {
    return condition.conditions.some((one) => matchesSpan(span, one));
  }
  if (condition.on === "not") {
    return isComparable(span, condition.condition) &&
      !hasField(span, condition.condition);
  }
  return hasField(span, condition);
}

function hasField(span: Span, condition: FieldCondition): boolean {
  switch (condition.on) {
    case "service":
      return isService(span, condition.service);
    case "operation":
      return foldName(cutText(span.name, MAX_NAME_CHARS)) ===
        condition.operation;
    case "name":
      return span.name === condition.name;
    case "kind":
      return span.kind === condition.kind;
    case "status":
      return span.status.code === condition.status;
    case "duration": {
      const ns = span.endNs - span.startNs;
      return compares(ns < 0n ? 0n : ns, condition.comparison, condition.ns);
    }
    case "resource": {
      const asked = askedIds(condition.id);
      return resourceIds(span.resource.attributes)
        .some(({ id }) => asked.includes(id));
    }
    case "attribute":
      return values(span, condition.scope, condition.key)
        .some((value) => equals(value, condition.value));
    case "number":
      return values(span, condition.scope, condition.key).some((value) =>
        isNumber(value) &&
        compares(value, condition.comparison, condition.value)
      );
  }
}

function isService(span: Span, asked: AskedService): boolean {
  const { name, namespace, environment } = spanService(
    span.resource.attributes,
  );
  return name === asked.name &&
    (asked.namespace === null || namespace === asked.namespace) &&
    (asked.environment === null || environment === asked.environment);
}

/** Whether the span has what could be equal. */
function isComparable(span: Span, condition: FieldCondition): boolean {
  if (condition.on === "number") {
    return values(span, condition.scope, condition.key).some(isNumber);
  }
  return condition.on !== "attribute" ||
    values(span, condition.scope, condition.key)
      .some((value) => isAlike(value, condition.value));
}

function values(
  span: Span,
  scope: AttributeScope,
  key: string,
): readonly AttributeValue[] {
  const own = scope === "resource" ? undefined : span.attributes.get(key);
  const resource = scope === "span"
    ? undefined
    : span.resource.attributes.get(key);
  return [...elements(own), ...elements(resource)];
}

function elements(
  value: AttributeValue | undefined,
): readonly AttributeValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value as readonly AttributeValue[] : [value];
}

function equals(value: AttributeValue, asked: Scalar): boolean {
  return isNumber(value) && typeof asked === "number"
    ? compares(value, "=", asked)
    : value === asked;
}

function isAlike(value: AttributeValue, asked: Scalar): boolean {
  return typeof asked === "number"
    ? isNumber(value)
    : typeof value === typeof asked;
}

function isNumber(value: AttributeValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
