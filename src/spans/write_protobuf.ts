import protobuf from "protobufjs/minimal.js";
import { opentelemetry } from "../../proto/generated/otlp.js";
import { MAX_MESSAGE_DEPTH } from "../otlp/message_walker.ts";
import { bitsOf } from "./message_bits.ts";
import type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanLink,
} from "./span.ts";

const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;
const { SpanKind } = opentelemetry.proto.trace.v1.Span;
const { StatusCode } = opentelemetry.proto.trace.v1.Status;

type ResourceSpans = opentelemetry.proto.trace.v1.ResourceSpans.$Properties;
type ScopeSpans = opentelemetry.proto.trace.v1.ScopeSpans.$Properties;
type SpanMessage = opentelemetry.proto.trace.v1.Span.$Properties;
type Event = opentelemetry.proto.trace.v1.Span.Event.$Properties;
type Link = opentelemetry.proto.trace.v1.Span.Link.$Properties;
type KeyValue = opentelemetry.proto.common.v1.KeyValue.$Properties;
type AnyValue = opentelemetry.proto.common.v1.AnyValue.$Properties;

const KINDS = [
  SpanKind.SPAN_KIND_UNSPECIFIED,
  SpanKind.SPAN_KIND_INTERNAL,
  SpanKind.SPAN_KIND_SERVER,
  SpanKind.SPAN_KIND_CLIENT,
  SpanKind.SPAN_KIND_PRODUCER,
  SpanKind.SPAN_KIND_CONSUMER,
] as const;
const CODES = [
  StatusCode.STATUS_CODE_UNSET,
  StatusCode.STATUS_CODE_OK,
  StatusCode.STATUS_CODE_ERROR,
] as const;

/** How many messages an attribute (a KeyValue) stands in. */
const DEPTH = { RESOURCE: 3, SCOPE: 4, SPAN: 4, EVENT: 5, LINK: 5 } as const;

/**
 * Spans as a TracesData in protobuf, which `readProtobufSpans` reads back to
 * equal ones. Those of one `Resource` object come together, where the first of
 * them stands, and within them those of one `Scope` object.
 *
 * A list that would stand in more than `MAX_MESSAGE_DEPTH` messages (JSON may
 * nest deeper) is left out: its value is empty.
 *
 * @example There and back
 * ```ts
 * import { readProtobufSpans } from "../src/spans/read_protobuf.ts";
 * import { writeProtobufSpans } from "../src/spans/write_protobuf.ts";
 *
 * const body = Uint8Array.of(10, 7, 18, 5, 18, 3, 42, 1, 97);
 * const spans = readProtobufSpans(body);
 * expect(readProtobufSpans(writeProtobufSpans(spans))).toEqual(spans);
 * ```
 */
export function writeProtobufSpans(spans: readonly Span[]): Uint8Array {
  const groups = new Map<Resource, Map<Scope, SpanMessage[]>>();
  for (const span of spans) {
    const scopes = groups.get(span.resource) ?? new Map<Scope, SpanMessage[]>();
    groups.set(span.resource, scopes);
    const ofScope = scopes.get(span.scope) ?? [];
    scopes.set(span.scope, ofScope);
    ofScope.push(spanMessage(span));
  }
  const resourceSpans: ResourceSpans[] = [];
  for (const [resource, scopes] of groups) {
    const scopeSpans: ScopeSpans[] = [];
    for (const [scope, messages] of scopes) {
      scopeSpans.push(scopeMessage(scope, messages));
    }
    resourceSpans.push({
      resource: {
        attributes: pairsOf(resource.attributes, DEPTH.RESOURCE),
        droppedAttributesCount: resource.droppedAttributes,
      },
      schemaUrl: resource.schemaUrl,
      scopeSpans,
    });
  }
  // Its own kind of writer: on Node protobufjs would give a Buffer.
  const writer = new protobuf.Writer();
  return ExportTraceServiceRequest.encode({ resourceSpans }, writer).finish();
}

function scopeMessage(scope: Scope, spans: SpanMessage[]): ScopeSpans {
  return {
    scope: {
      name: scope.name,
      version: scope.version,
      attributes: pairsOf(scope.attributes, DEPTH.SCOPE),
      droppedAttributesCount: scope.droppedAttributes,
    },
    schemaUrl: scope.schemaUrl,
    spans,
  };
}

function spanMessage(span: Span): SpanMessage {
  return {
    traceId: idOf(span.traceId),
    spanId: idOf(span.spanId),
    traceState: span.traceState,
    parentSpanId: idOf(span.parentSpanId),
    flags: span.flags,
    name: span.name,
    kind: KINDS[span.kind],
    startTimeUnixNano: bitsOf(span.startNs),
    endTimeUnixNano: bitsOf(span.endNs),
    attributes: pairsOf(span.attributes, DEPTH.SPAN),
    droppedAttributesCount: span.droppedAttributes,
    events: span.events.map(eventMessage),
    droppedEventsCount: span.droppedEvents,
    links: span.links.map(linkMessage),
    droppedLinksCount: span.droppedLinks,
    status: { code: CODES[span.status.code], message: span.status.message },
  };
}

function eventMessage(event: SpanEvent): Event {
  return {
    timeUnixNano: bitsOf(event.timeNs),
    name: event.name,
    attributes: pairsOf(event.attributes, DEPTH.EVENT),
    droppedAttributesCount: event.droppedAttributes,
  };
}

function linkMessage(link: SpanLink): Link {
  return {
    traceId: idOf(link.traceId),
    spanId: idOf(link.spanId),
    traceState: link.traceState,
    attributes: pairsOf(link.attributes, DEPTH.LINK),
    droppedAttributesCount: link.droppedAttributes,
    flags: link.flags,
  };
}

function pairsOf(attributes: Attributes, depth: number): KeyValue[] {
  return Array.from(
    attributes,
    ([key, value]) => ({ key, value: anyOf(value, depth + 1) }),
  );
}

function anyOf(value: AttributeValue, depth: number): AnyValue {
  if (value === null) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint") return { intValue: bitsOf(value) };
  if (typeof value === "number") return { doubleValue: value };
  if (value instanceof Uint8Array) return { bytesValue: value };
  if (value instanceof Map) {
    // The list, an attribute in it, and its value.
    return depth + 3 > MAX_MESSAGE_DEPTH
      ? {}
      : { kvlistValue: { values: pairsOf(value, depth + 2) } };
  }
  // The array, and a value in it.
  const items = value as readonly AttributeValue[];
  return depth + 2 > MAX_MESSAGE_DEPTH
    ? {}
    : { arrayValue: { values: items.map((item) => anyOf(item, depth + 2)) } };
}

function idOf(hex: string): Uint8Array {
  return Uint8Array.from(
    { length: hex.length / 2 },
    (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  );
}
