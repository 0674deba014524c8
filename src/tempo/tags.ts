import { SPAN_KIND_NAMES, SpanKind } from "../map/span_kind.ts";
import { attributeText } from "../search/attribute_text.ts";
import { rootSpan } from "../search/root_span.ts";
import type { AttributeValue, Span } from "../spans/span.ts";
import { serviceName } from "../trace_view/service_name.ts";

/** What TraceQL knows of a span without an attribute, as it is asked here. */
export const INTRINSIC_TAGS: readonly string[] = [
  "duration",
  "kind",
  "name",
  "rootName",
  "rootServiceName",
  "status",
  "traceDuration",
];
/** Values of one tag that are shown. */
export const MAX_TAG_VALUES = 1000;

/** A value with its type in TraceQL. */
export interface TagValue {
  readonly type: "string" | "int" | "float" | "bool" | "keyword";
  readonly value: string;
}

/** Keys of attributes, sorted. */
export interface TagNames {
  readonly resource: readonly string[];
  readonly span: readonly string[];
}

/** The attributes that spans have. */
export function tagNames(spans: readonly Span[]): TagNames {
  const resource = new Set<string>();
  const own = new Set<string>();
  for (const span of spans) {
    for (const key of span.resource.attributes.keys()) resource.add(key);
    for (const key of span.attributes.keys()) own.add(key);
  }
  return { resource: [...resource].toSorted(), span: [...own].toSorted() };
}

/**
 * The values of a tag that spans have, each once; MAX_TAG_VALUES at the most.
 *
 * @param tag `name`, `.key`, `key`, `span.key`, `resource.key`.
 */
export function tagValues(
  spans: readonly Span[],
  tag: string,
): readonly TagValue[] {
  const found = new Map<string, TagValue>();
  for (const value of valuesOf(spans, tag)) {
    if (found.size >= MAX_TAG_VALUES) break;
    found.set(`${value.type} ${value.value}`, value);
  }
  return [...found.values()];
}

function* valuesOf(spans: readonly Span[], tag: string): Generator<TagValue> {
  switch (tag) {
    case "status":
      for (const value of ["error", "ok", "unset"]) yield keyword(value);
      return;
    case "kind":
      for (const kind of Object.values(SpanKind)) {
        yield keyword(SPAN_KIND_NAMES[kind]);
      }
      return;
    case "name":
      for (const { name } of spans) yield text(name);
      return;
    case "rootName":
    case "rootServiceName":
      yield* rootValues(spans, tag);
      return;
    default:
      yield* attributeValues(spans, tag);
  }
}

function* rootValues(
  spans: readonly Span[],
  tag: "rootName" | "rootServiceName",
): Generator<TagValue> {
  for (const trace of Map.groupBy(spans, (span) => span.traceId).values()) {
    const root = rootSpan(trace);
    if (root === null) continue;
    yield text(tag === "rootName" ? root.name : serviceName(root.resource));
  }
}

function* attributeValues(
  spans: readonly Span[],
  tag: string,
): Generator<TagValue> {
  const [, scope = "", key = tag] = /^(span|resource)?\.(.+)$/s.exec(tag) ??
    [];
  for (const span of spans) {
    const values = [
      scope === "resource" ? undefined : span.attributes.get(key),
      scope === "span" ? undefined : span.resource.attributes.get(key),
    ];
    for (const value of values) {
      const shown = value === undefined ? null : tagValue(value);
      if (shown !== null) yield shown;
    }
  }
}

function tagValue(value: AttributeValue): TagValue | null {
  const type = typeof value === "string"
    ? "string"
    : typeof value === "bigint"
    ? "int"
    : typeof value === "number"
    ? "float"
    : typeof value === "boolean"
    ? "bool"
    : null;
  const shown = attributeText(value);
  return type === null || shown === undefined ? null : { type, value: shown };
}

function text(value: string): TagValue {
  return { type: "string", value };
}

function keyword(value: string): TagValue {
  return { type: "keyword", value };
}
