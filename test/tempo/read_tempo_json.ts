import type { Attributes, AttributeValue, Span } from "../../src/spans/span.ts";

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER"];
const STATUSES = ["UNSET", "OK", "ERROR"];

type Message = ReturnType<typeof JSON.parse>;

/** Reads what Tempo's JSON says by protobuf's rules: what is not there is 0. */
export function spansOfTempoJson(batches: readonly Message[] = []): Span[] {
  return batches.flatMap(({ resource, scopeSpans, schemaUrl = "" }) => {
    const ofResource = {
      attributes: readAttributes(resource.attributes),
      droppedAttributes: resource.droppedAttributesCount ?? 0,
      schemaUrl,
    };
    return scopeSpans.flatMap(({ scope, spans, schemaUrl = "" }: Message) =>
      spans.map((span: Message) => ({
        ...readSpan(span),
        resource: ofResource,
        scope: {
          name: scope.name ?? "",
          version: scope.version ?? "",
          attributes: readAttributes(scope.attributes),
          droppedAttributes: scope.droppedAttributesCount ?? 0,
          schemaUrl,
        },
      }))
    );
  });
}

function readSpan(span: Message): Omit<Span, "resource" | "scope"> {
  return {
    traceId: readHex(span.traceId),
    spanId: readHex(span.spanId),
    parentSpanId: readHex(span.parentSpanId),
    traceState: span.traceState ?? "",
    flags: span.flags ?? 0,
    name: span.name ?? "",
    kind: readEnum(
      [...KINDS, "CONSUMER"],
      "SPAN_KIND_",
      span.kind,
    ) as Span["kind"],
    startNs: BigInt(span.startTimeUnixNano ?? 0),
    endNs: BigInt(span.endTimeUnixNano ?? 0),
    attributes: readAttributes(span.attributes),
    droppedAttributes: span.droppedAttributesCount ?? 0,
    events: (span.events ?? []).map((event: Message) => ({
      timeNs: BigInt(event.timeUnixNano ?? 0),
      name: event.name ?? "",
      attributes: readAttributes(event.attributes),
      droppedAttributes: event.droppedAttributesCount ?? 0,
    })),
    droppedEvents: span.droppedEventsCount ?? 0,
    links: (span.links ?? []).map((link: Message) => ({
      traceId: readHex(link.traceId),
      spanId: readHex(link.spanId),
      traceState: link.traceState ?? "",
      attributes: readAttributes(link.attributes),
      droppedAttributes: link.droppedAttributesCount ?? 0,
      flags: link.flags ?? 0,
    })),
    droppedLinks: span.droppedLinksCount ?? 0,
    status: {
      code: readEnum(
        STATUSES,
        "STATUS_CODE_",
        span.status.code,
      ) as Span["status"]["code"],
      message: span.status.message ?? "",
    },
  };
}

function readEnum(
  names: readonly string[],
  prefix: string,
  name?: string,
): number {
  return name === undefined ? 0 : names.indexOf(name.slice(prefix.length));
}

function readHex(base64 = ""): string {
  return Buffer.from(base64, "base64").toString("hex");
}

function readAttributes(entries: readonly Message[] = []): Attributes {
  return new Map(entries.map(({ key, value }) => [key, readValue(value)]));
}

function readValue(value: Message): AttributeValue {
  if ("intValue" in value) return BigInt(value.intValue);
  if ("doubleValue" in value) return Number(value.doubleValue);
  if ("bytesValue" in value) {
    return Uint8Array.from(Buffer.from(value.bytesValue, "base64"));
  }
  if ("arrayValue" in value) {
    return (value.arrayValue.values ?? []).map(readValue);
  }
  if ("kvlistValue" in value) return readAttributes(value.kvlistValue.values);
  return value.stringValue ?? value.boolValue ?? null;
}
