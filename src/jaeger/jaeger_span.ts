import * as z from "zod/mini";
import { SPAN_KIND_NAMES, SpanKind, StatusCode } from "../map/span_kind.ts";
import type { Span, SpanEvent, SpanLink } from "../spans/span.ts";
import { lengthNs, spanInterval } from "../trace_view/interval.ts";
import { type JaegerTag, jaegerTags, jaegerTagSchema } from "./jaeger_tag.ts";

const NS_PER_US = 1000n;
const W3C_FLAGS = 0xff;

const referenceSchema = z.strictObject({
  refType: z.enum(["CHILD_OF", "FOLLOWS_FROM"]),
  traceID: z.string(),
  spanID: z.string(),
});

const logSchema = z.strictObject({
  /** µs since the epoch. */
  timestamp: z.number(),
  fields: z.array(jaegerTagSchema),
});

/** A span as Jaeger's UI reads it. */
export const jaegerSpanSchema = z.strictObject({
  traceID: z.string(),
  spanID: z.string(),
  flags: z.exactOptional(z.number()),
  operationName: z.string(),
  references: z.array(referenceSchema),
  /** µs since the epoch. */
  startTime: z.number(),
  /** µs. */
  duration: z.number(),
  tags: z.array(jaegerTagSchema),
  logs: z.array(logSchema),
  processID: z.string(),
  warnings: z.nullable(z.array(z.string())),
});

/** A span as Jaeger's UI reads it. */
export type JaegerSpan = z.infer<typeof jaegerSpanSchema>;

/**
 * A span as Jaeger's UI reads it.
 *
 * @param processId The key of its resource in the trace's `processes`.
 */
export function jaegerSpan(span: Span, processId: string): JaegerSpan {
  const flags = span.flags & W3C_FLAGS;
  return {
    traceID: span.traceId,
    spanID: span.spanId,
    ...(flags !== 0 && { flags }),
    operationName: span.name,
    references: references(span),
    startTime: microseconds(span.startNs),
    duration: microseconds(lengthNs(spanInterval(span, 0n))),
    tags: tags(span),
    logs: span.events.map((event) => log(event)),
    processID: processId,
    warnings: span.endNs < span.startNs
      ? ["it ends before it starts; its duration is shown as 0"]
      : null,
  };
}

function microseconds(ns: bigint): number {
  return Number(ns / NS_PER_US);
}

// The UI takes the first CHILD_OF for the parent.
function references(span: Span): JaegerSpan["references"] {
  const { traceId, parentSpanId } = span;
  const isParent = (link: SpanLink) =>
    parentSpanId !== "" && link.traceId === traceId &&
    link.spanId === parentSpanId;
  const parentLink = span.links.findLast(isParent);
  const parent = parentSpanId === "" ? [] : [
    {
      refType: parentLink === undefined ? "CHILD_OF" : linkType(parentLink),
      traceID: traceId,
      spanID: parentSpanId,
    } as const,
  ];
  const others = span.links.filter((link) => !isParent(link))
    .map((link) => ({
      refType: linkType(link),
      traceID: link.traceId,
      spanID: link.spanId,
    }));
  return [...parent, ...others];
}

function linkType(link: SpanLink): "CHILD_OF" | "FOLLOWS_FROM" {
  return link.attributes.get("opentracing.ref_type") === "child_of"
    ? "CHILD_OF"
    : "FOLLOWS_FROM";
}

function tags(span: Span): JaegerTag[] {
  const { scope, status } = span;
  const failed = status.code === StatusCode.ERROR;
  return [
    ...textTag("otel.scope.name", scope.name),
    ...textTag("otel.scope.version", scope.version),
    ...jaegerTags(span.attributes),
    ...textTag(
      "span.kind",
      span.kind === SpanKind.UNSPECIFIED ? "" : SPAN_KIND_NAMES[span.kind],
    ),
    ...textTag(
      "otel.status_code",
      failed ? "ERROR" : status.code === StatusCode.OK ? "OK" : "",
    ),
    ...(failed ? [{ key: "error", type: "bool", value: true } as const] : []),
    ...textTag("otel.status_description", status.message),
    ...textTag("w3c.tracestate", span.traceState),
  ];
}

function log(event: SpanEvent): JaegerSpan["logs"][number] {
  return {
    timestamp: microseconds(event.timeNs),
    fields: [
      ...textTag("event", event.attributes.has("event") ? "" : event.name),
      ...jaegerTags(event.attributes),
    ],
  };
}

function textTag(key: string, value: string): JaegerTag[] {
  return value === "" ? [] : [{ key, type: "string", value }];
}
