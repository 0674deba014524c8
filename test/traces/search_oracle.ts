import type { AttributeValue, Span } from "../../src/spans/span.ts";
import type {
  FieldCondition,
  SpanCondition,
  TraceFilter,
} from "../../src/search/trace_filter.ts";

/** What the oracle takes for granted, since other tests show it. */
export interface KnownForms {
  /** A span's name by the one that the map has (`foldName`). */
  readonly operations: ReadonlyMap<string, string>;
  /** By a resource's `host.id`: what it can be asked for by. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
}

/**
 * The ids of the traces that a filter asks for, the newest first, by the
 * simplest reading of all their spans.
 *
 * @param spans Of whatever traces; of those with one id and kind the first.
 */
export function searchOracle(
  spans: readonly Span[],
  filter: TraceFilter,
  forms: KnownForms,
): readonly string[] {
  return [...Map.groupBy(spans, ({ traceId }) => traceId).values()]
    .map((all) => [
      ...new Map(
        all.toReversed().map((span) => [`${span.spanId} ${span.kind}`, span]),
      ).values(),
    ])
    .filter((trace) => isAsked(trace, filter, forms))
    .map((trace) => ({ id: trace[0]?.traceId ?? "", start: startOf(trace) }))
    .toSorted((a, b) =>
      a.start === b.start ? a.id < b.id ? -1 : 1 : a.start > b.start ? -1 : 1
    )
    .map(({ id }) => id);
}

function startOf(trace: readonly Span[]): bigint {
  return trace.map(({ startNs }) => startNs).reduce((a, b) => a < b ? a : b);
}

// A span that ends before it starts takes no time.
function endOf({ startNs, endNs }: Span): bigint {
  return endNs > startNs ? endNs : startNs;
}

function isAsked(
  trace: readonly Span[],
  filter: TraceFilter,
  forms: KnownForms,
): boolean {
  const start = startOf(trace);
  const end = trace.map(endOf).reduce((a, b) => a > b ? a : b);
  const { minDurationNs, maxDurationNs, failed, root } = filter;
  if (start < filter.fromNs || start >= filter.toNs) return false;
  if (minDurationNs !== null && end - start < minDurationNs) return false;
  if (maxDurationNs !== null && end - start > maxDurationNs) return false;
  const errors = trace.filter(({ status }) => status.code === 2).length;
  if (failed === true && errors === 0) return false;
  if (failed === false && errors > 0) return false;
  if (root.service !== null || root.name !== null) {
    const [first] = trace.filter(({ parentSpanId }) => parentSpanId === "")
      .toSorted((a, b) =>
        Number(a.startNs - b.startNs) || (a.spanId < b.spanId ? -1 : 1)
      );
    if (first === undefined) return false;
    if (root.name !== null && first.name !== root.name) return false;
    if (root.service !== null && serviceOf(first)[0] !== root.service) {
      return false;
    }
  }
  return trace.some((span) =>
    filter.span.every((condition) => fulfils(span, condition, forms))
  );
}

function serviceOf({ resource }: Span): readonly [string, string, string] {
  function text(key: string): string | undefined {
    const value = resource.attributes.get(key);
    return typeof value === "string" ? value : undefined;
  }
  return [
    text("service.name") ?? "unknown_service",
    text("service.namespace") ?? "",
    text("deployment.environment.name") ?? "",
  ];
}

function fulfils(
  span: Span,
  condition: SpanCondition,
  forms: KnownForms,
): boolean {
  if (condition.on === "anyOf") {
    return condition.conditions.some((one) => fulfils(span, one, forms));
  }
  if (condition.on !== "not") return isSo(span, condition, forms);
  const { condition: field } = condition;
  if (field.on === "attribute" || field.on === "number") {
    const asked = field.on === "number" ? "number" : typeof field.value;
    const comparable = valuesOf(span, field).map(typeName)
      .filter((type) => type === asked);
    if (comparable.length === 0) return false;
  }
  return !isSo(span, field, forms);
}

function typeName(value: AttributeValue): string {
  return typeof value === "bigint" ? "number" : typeof value;
}

function valuesOf(
  span: Span,
  { scope, key }: Extract<FieldCondition, { on: "attribute" | "number" }>,
): readonly AttributeValue[] {
  const places = {
    span: [span.attributes],
    resource: [span.resource.attributes],
    any: [span.attributes, span.resource.attributes],
  }[scope];
  return places.flatMap((attributes) => {
    const value = attributes.get(key);
    return value === undefined ? [] : [value].flat();
  });
}

function isSo(
  span: Span,
  field: FieldCondition,
  forms: KnownForms,
): boolean {
  switch (field.on) {
    case "service": {
      const { name, namespace, environment } = field.service;
      return [name, namespace, environment].every((asked, at) =>
        asked === null || asked === serviceOf(span)[at]
      );
    }
    case "operation":
      return (forms.operations.get(span.name) ?? span.name) === field.operation;
    case "name":
      return span.name === field.name;
    case "kind":
      return span.kind === field.kind;
    case "status":
      return span.status.code === field.status;
    case "duration":
      return relation(
        Number(endOf(span) - span.startNs) - field.ns,
        field.comparison,
      );
    case "resource": {
      const host = span.resource.attributes.get("host.id");
      return typeof host === "string" &&
        (forms.resources.get(host) ?? []).includes(field.id);
    }
    case "attribute":
      return valuesOf(span, field).some((value) =>
        value === field.value ||
        (typeof value === "bigint" && typeof field.value === "number" &&
          `${value}` === `${field.value}`)
      );
    case "number":
      return valuesOf(span, field).some((value) =>
        typeName(value) === "number" &&
        relation(Number(value) - field.value, field.comparison)
      );
  }
}

function relation(difference: number, comparison: string): boolean {
  if (difference === 0) return ["=", "<=", ">="].includes(comparison);
  return difference < 0
    ? ["!=", "<", "<="].includes(comparison)
    : ["!=", ">", ">="].includes(comparison);
}
