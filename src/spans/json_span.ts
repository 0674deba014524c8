import type { JsonCursor } from "../otlp/json_cursor.ts";
import {
  spanKindNamed,
  spanKindOf,
  statusCodeNamed,
  statusCodeOf,
} from "../otlp/span_numbers.ts";
import { wantedFields } from "../otlp/wanted_keys.ts";
import { eachItem } from "./json_fields.ts";
import { JsonObject } from "./json_object.ts";
import { enumOf } from "./json_scalar_value.ts";
import { parentIdOf } from "./parent_id.ts";
import type { Resource, Scope, Span, SpanEvent, SpanLink } from "./span.ts";

const RESOURCE_SPANS = wantedFields(["resource", "schemaUrl"]);
const RESOURCE = wantedFields(["attributes", "droppedAttributesCount"]);
const SCOPE_SPANS = wantedFields(["scope", "schemaUrl"]);
const SCOPE = wantedFields([
  "name",
  "version",
  "attributes",
  "droppedAttributesCount",
]);
const SPAN = wantedFields([
  "traceId",
  "spanId",
  "parentSpanId",
  "traceState",
  "flags",
  "name",
  "kind",
  "startTimeUnixNano",
  "endTimeUnixNano",
  "attributes",
  "droppedAttributesCount",
  "events",
  "droppedEventsCount",
  "links",
  "droppedLinksCount",
  "status",
]);
const EVENT = wantedFields([
  "timeUnixNano",
  "name",
  "attributes",
  "droppedAttributesCount",
]);
const LINK = wantedFields([
  "traceId",
  "spanId",
  "traceState",
  "attributes",
  "droppedAttributesCount",
  "flags",
]);
const STATUS = wantedFields(["code", "message"]);
const KINDS = { number: spanKindOf, name: spanKindNamed };
const CODES = { number: statusCodeOf, name: statusCodeNamed };

/** The resource of the ResourceSpans that comes next. */
export function readResource(cursor: JsonCursor): Resource {
  const outer = new JsonObject(RESOURCE_SPANS);
  const inner = new JsonObject(RESOURCE);
  outer.read(cursor, { resource: () => inner.read(cursor) });
  return {
    attributes: inner.attributes,
    droppedAttributes: inner.uint32("droppedAttributesCount"),
    schemaUrl: outer.text("schemaUrl"),
  };
}

/** The scope of the ScopeSpans that comes next. */
export function readScope(cursor: JsonCursor): Scope {
  const outer = new JsonObject(SCOPE_SPANS);
  const inner = new JsonObject(SCOPE);
  outer.read(cursor, { scope: () => inner.read(cursor) });
  return {
    name: inner.text("name"),
    version: inner.text("version"),
    attributes: inner.attributes,
    droppedAttributes: inner.uint32("droppedAttributesCount"),
    schemaUrl: outer.text("schemaUrl"),
  };
}

/** The span that comes next. */
export function readSpan(
  cursor: JsonCursor,
  of: { readonly resource: Resource; readonly scope: Scope },
): Span {
  const span = new JsonObject(SPAN);
  const status = new JsonObject(STATUS);
  const events: SpanEvent[] = [];
  const links: SpanLink[] = [];
  span.read(cursor, {
    events: () => eachItem(cursor, () => readEvent(cursor, events)),
    links: () => eachItem(cursor, () => readLink(cursor, links)),
    status: () => status.read(cursor),
  });
  const endNs = span.uint64("endTimeUnixNano");
  return {
    traceId: span.id("traceId"),
    spanId: span.id("spanId"),
    parentSpanId: parentIdOf(span.id("parentSpanId")),
    traceState: span.text("traceState"),
    flags: span.uint32("flags"),
    name: span.text("name"),
    kind: enumOf(span.scalar("kind"), KINDS),
    startNs: span.uint64("startTimeUnixNano") || endNs,
    endNs,
    attributes: span.attributes,
    droppedAttributes: span.uint32("droppedAttributesCount"),
    events,
    droppedEvents: span.uint32("droppedEventsCount"),
    links,
    droppedLinks: span.uint32("droppedLinksCount"),
    status: {
      code: enumOf(status.scalar("code"), CODES),
      message: status.text("message"),
    },
    resource: of.resource,
    scope: of.scope,
  };
}

function readEvent(cursor: JsonCursor, events: SpanEvent[]): void {
  const event = new JsonObject(EVENT);
  if (!event.read(cursor)) return;
  events.push({
    timeNs: event.uint64("timeUnixNano"),
    name: event.text("name"),
    attributes: event.attributes,
    droppedAttributes: event.uint32("droppedAttributesCount"),
  });
}

function readLink(cursor: JsonCursor, links: SpanLink[]): void {
  const link = new JsonObject(LINK);
  if (!link.read(cursor)) return;
  links.push({
    traceId: link.id("traceId"),
    spanId: link.id("spanId"),
    traceState: link.text("traceState"),
    attributes: link.attributes,
    droppedAttributes: link.uint32("droppedAttributesCount"),
    flags: link.uint32("flags"),
  });
}
