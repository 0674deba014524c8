import { SPAN_KIND_NAMES, SpanKind } from "../map/span_kind.ts";
import { attributeText } from "../search/attribute_text.ts";
import { rootSpan } from "../search/root_span.ts";
import { traceqlTokens } from "../search/traceql_tokens.ts";
import type { AttributeValue, Span } from "../spans/span.ts";
import { serviceName } from "../trace_view/service_name.ts";

/** What TraceQL knows of a span without an attribute, as it is asked here. */
export const INTRINSIC_TAGS: readonly string[] = [
  "duration",
  "kind",
  "name",
  "rootName",
  "rootServiceName",
  "span:duration",
  "span:kind",
  "span:name",
  "span:status",
  "status",
  "trace:duration",
  "trace:rootName",
  "trace:rootService",
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
 * @param spans Those that are asked for, in whole traces for a tag of a trace.
 * @param tag `name`, `.key`, `key`, `span.key`, `resource.key`, `span."a key"`.
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
    case "span:status":
      for (const value of ["error", "ok", "unset"]) yield keyword(value);
      return;
    case "kind":
    case "span:kind":
      for (const kind of Object.values(SpanKind)) {
        yield keyword(SPAN_KIND_NAMES[kind]);
      }
      return;
    case "name":
    case "span:name":
      for (const { name } of spans) yield text(name);
      return;
    case "rootName":
    case "trace:rootName":
      for (const { name } of rootSpans(spans)) yield text(name);
      return;
    case "rootServiceName":
    case "trace:rootService":
      for (const { resource } of rootSpans(spans)) {
        yield text(serviceName(resource));
      }
      return;
    default:
      yield* attributeValues(spans, tag);
  }
}

/** Whether a tag is one of a whole trace. */
export function isTraceTag(tag: string): boolean {
  return /^(?:root(?:Service)?Name|trace:root(?:Name|Service))$/.test(tag);
}

function rootSpans(spans: readonly Span[]): readonly Span[] {
  return [...Map.groupBy(spans, (span) => span.traceId).values()]
    .map((trace) => rootSpan(trace))
    .filter((root) => root !== null);
}

function* attributeValues(
  spans: readonly Span[],
  tag: string,
): Generator<TagValue> {
  const { scope, key } = keyOf(tag);
  for (const span of spans) {
    const values = [
      scope === "resource" ? undefined : span.attributes.get(key),
      scope === "span" ? undefined : span.resource.attributes.get(key),
    ];
    for (const value of values.flatMap(elements)) {
      const shown = value === undefined ? null : tagValue(value);
      if (shown !== null) yield shown;
    }
  }
}

/** The key as TraceQL has it, or as it is. */
function keyOf(
  tag: string,
): { readonly scope: string; readonly key: string } {
  const tokens = traceqlTokens(tag);
  const [token, end] = "problem" in tokens ? [] : tokens;
  return token?.kind === "field" && end?.kind === "end"
    ? token
    : { scope: "", key: tag };
}

function elements(
  value: AttributeValue | undefined,
): readonly (AttributeValue | undefined)[] {
  return Array.isArray(value) ? value as readonly AttributeValue[] : [value];
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
