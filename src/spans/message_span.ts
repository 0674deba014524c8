import type { opentelemetry } from "../../proto/generated/otlp.js";
import { byteString, hexOf } from "../codec/byte_string.ts";
import { spanKindOf, statusCodeOf } from "../otlp/span_numbers.ts";
import { attributesOf } from "./message_attributes.ts";
import { uint64Of } from "./message_bits.ts";
import { parentIdOf } from "./parent_id.ts";
import type { Resource, Scope, Span, SpanEvent, SpanLink } from "./span.ts";

type ResourceSpans = opentelemetry.proto.trace.v1.ResourceSpans.$Properties;
type ScopeSpans = opentelemetry.proto.trace.v1.ScopeSpans.$Properties;
type SpanMessage = opentelemetry.proto.trace.v1.Span.$Properties;
type Event = opentelemetry.proto.trace.v1.Span.Event.$Properties;
type Link = opentelemetry.proto.trace.v1.Span.Link.$Properties;

/** The resource of a message that protobufjs decoded. */
export function resourceOf(message: ResourceSpans): Resource {
  return {
    attributes: attributesOf(message.resource?.attributes),
    droppedAttributes: message.resource?.droppedAttributesCount ?? 0,
    schemaUrl: message.schemaUrl ?? "",
  };
}

/** The scope of a message that protobufjs decoded. */
export function scopeOf(message: ScopeSpans): Scope {
  const { scope } = message;
  return {
    name: scope?.name ?? "",
    version: scope?.version ?? "",
    attributes: attributesOf(scope?.attributes),
    droppedAttributes: scope?.droppedAttributesCount ?? 0,
    schemaUrl: message.schemaUrl ?? "",
  };
}

/** The span of a message that protobufjs decoded. */
export function spanOf(
  message: SpanMessage,
  of: { readonly resource: Resource; readonly scope: Scope },
): Span {
  const endNs = uint64Of(message.endTimeUnixNano);
  return {
    traceId: hexOfBytes(message.traceId),
    spanId: hexOfBytes(message.spanId),
    parentSpanId: parentIdOf(hexOfBytes(message.parentSpanId)),
    traceState: message.traceState ?? "",
    flags: message.flags ?? 0,
    name: message.name ?? "",
    kind: spanKindOf(message.kind ?? 0),
    startNs: uint64Of(message.startTimeUnixNano) || endNs,
    endNs,
    attributes: attributesOf(message.attributes),
    droppedAttributes: message.droppedAttributesCount ?? 0,
    events: (message.events ?? []).map(eventOf),
    droppedEvents: message.droppedEventsCount ?? 0,
    links: (message.links ?? []).map(linkOf),
    droppedLinks: message.droppedLinksCount ?? 0,
    status: {
      code: statusCodeOf(message.status?.code ?? 0),
      message: message.status?.message ?? "",
    },
    resource: of.resource,
    scope: of.scope,
  };
}

function eventOf(message: Event): SpanEvent {
  return {
    timeNs: uint64Of(message.timeUnixNano),
    name: message.name ?? "",
    attributes: attributesOf(message.attributes),
    droppedAttributes: message.droppedAttributesCount ?? 0,
  };
}

function linkOf(message: Link): SpanLink {
  return {
    traceId: hexOfBytes(message.traceId),
    spanId: hexOfBytes(message.spanId),
    traceState: message.traceState ?? "",
    attributes: attributesOf(message.attributes),
    droppedAttributes: message.droppedAttributesCount ?? 0,
    flags: message.flags ?? 0,
  };
}

function hexOfBytes(bytes: Uint8Array | null | undefined): string {
  return bytes ? hexOf(byteString(bytes, 0, bytes.length)) : "";
}
