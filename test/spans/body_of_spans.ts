import { base64Of } from "../../src/codec/base64.ts";
import type { Attributes, AttributeValue, Span } from "../../src/spans/span.ts";
import {
  bytesField,
  concat,
  doubleField,
  fixed32Field,
  fixed64Field,
  varintField,
} from "../otlp/wire.ts";
import { runsOf } from "./arbitrary_spans.ts";

const KINDS = [
  "UNSPECIFIED",
  "INTERNAL",
  "SERVER",
  "CLIENT",
  "PRODUCER",
  "CONSUMER",
];
const CODES = ["UNSET", "OK", "ERROR"];

/** A body in protobuf, written field by field. */
export function protobufOfSpans(spans: readonly Span[]): Uint8Array {
  return concat(
    runsOf(spans, "resource").map((ofResource) => {
      const resource = ofResource[0]?.resource;
      return bytesField(1, [
        bytesField(1, [
          ...pairsOf(1, resource?.attributes),
          varintField(2, resource?.droppedAttributes ?? 0),
        ]),
        ...runsOf(ofResource, "scope").map((ofScope) => {
          const scope = ofScope[0]?.scope;
          return bytesField(2, [
            bytesField(1, [
              bytesField(1, scope?.name ?? ""),
              bytesField(2, scope?.version ?? ""),
              ...pairsOf(3, scope?.attributes),
              varintField(4, scope?.droppedAttributes ?? 0),
            ]),
            ...ofScope.map((span) => bytesField(2, spanFields(span))),
            bytesField(3, scope?.schemaUrl ?? ""),
          ]);
        }),
        bytesField(3, resource?.schemaUrl ?? ""),
      ]);
    }),
  );
}

function spanFields(span: Span): Uint8Array[] {
  return [
    bytesField(1, idOf(span.traceId)),
    bytesField(2, idOf(span.spanId)),
    bytesField(3, span.traceState),
    bytesField(4, idOf(span.parentSpanId)),
    bytesField(5, span.name),
    varintField(6, span.kind),
    fixed64Field(7, span.startNs),
    fixed64Field(8, span.endNs),
    ...pairsOf(9, span.attributes),
    varintField(10, span.droppedAttributes),
    ...span.events.map((event) =>
      bytesField(11, [
        fixed64Field(1, event.timeNs),
        bytesField(2, event.name),
        ...pairsOf(3, event.attributes),
        varintField(4, event.droppedAttributes),
      ])
    ),
    varintField(12, span.droppedEvents),
    ...span.links.map((link) =>
      bytesField(13, [
        bytesField(1, idOf(link.traceId)),
        bytesField(2, idOf(link.spanId)),
        bytesField(3, link.traceState),
        ...pairsOf(4, link.attributes),
        varintField(5, link.droppedAttributes),
        fixed32Field(6, link.flags),
      ])
    ),
    varintField(14, span.droppedLinks),
    bytesField(15, [
      bytesField(2, span.status.message),
      varintField(3, span.status.code),
    ]),
    fixed32Field(16, span.flags),
  ];
}

function pairsOf(number: number, attributes?: Attributes): Uint8Array[] {
  return Array.from(attributes ?? [], ([key, value]) =>
    bytesField(number, [
      bytesField(1, key),
      bytesField(2, anyOf(value)),
    ]));
}

function anyOf(value: AttributeValue): Uint8Array[] {
  if (value === null) return [];
  if (typeof value === "string") return [bytesField(1, value)];
  if (typeof value === "boolean") return [varintField(2, value ? 1 : 0)];
  if (typeof value === "bigint") return [varintField(3, value)];
  if (typeof value === "number") return [doubleField(4, value)];
  if (value instanceof Uint8Array) return [bytesField(7, value)];
  if (isList(value)) return [bytesField(6, pairsOf(1, value))];
  return [bytesField(5, value.map((item) => bytesField(1, anyOf(item))))];
}

function isList(
  value: Attributes | readonly AttributeValue[],
): value is Attributes {
  return value instanceof Map;
}

/** A body in JSON, before it is written as text. */
export function jsonOfSpans(spans: readonly Span[]): unknown {
  const resourceSpans = runsOf(spans, "resource").map((ofResource) => {
    const resource = ofResource[0]?.resource;
    return {
      resource: {
        attributes: jsonPairs(resource?.attributes),
        droppedAttributesCount: resource?.droppedAttributes,
      },
      scopeSpans: runsOf(ofResource, "scope").map((ofScope) => {
        const scope = ofScope[0]?.scope;
        return {
          scope: {
            name: scope?.name,
            version: scope?.version,
            attributes: jsonPairs(scope?.attributes),
            droppedAttributesCount: scope?.droppedAttributes,
          },
          spans: ofScope.map(jsonSpan),
          schemaUrl: scope?.schemaUrl,
        };
      }),
      schemaUrl: resource?.schemaUrl,
    };
  });
  return { resourceSpans };
}

// Numbers of kinds and codes, or names; upper case or lower.
function jsonSpan(span: Span, at: number): unknown {
  const names = at % 2 === 0;
  return {
    traceId: names ? span.traceId.toUpperCase() : span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    traceState: span.traceState,
    flags: span.flags,
    name: span.name,
    kind: names ? `SPAN_KIND_${KINDS[span.kind]}` : span.kind,
    startTimeUnixNano: String(span.startNs),
    endTimeUnixNano: String(span.endNs),
    attributes: jsonPairs(span.attributes),
    droppedAttributesCount: span.droppedAttributes,
    events: span.events.map((event) => ({
      timeUnixNano: String(event.timeNs),
      name: event.name,
      attributes: jsonPairs(event.attributes),
      droppedAttributesCount: event.droppedAttributes,
    })),
    droppedEventsCount: span.droppedEvents,
    links: span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      traceState: link.traceState,
      attributes: jsonPairs(link.attributes),
      droppedAttributesCount: link.droppedAttributes,
      flags: link.flags,
    })),
    droppedLinksCount: span.droppedLinks,
    status: {
      code: names ? `STATUS_CODE_${CODES[span.status.code]}` : span.status.code,
      message: span.status.message,
    },
  };
}

function jsonPairs(attributes?: Attributes): unknown {
  return Array.from(
    attributes ?? [],
    ([key, value]) => ({ key, value: jsonAny(value) }),
  );
}

function jsonAny(value: AttributeValue): unknown {
  if (value === null) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint") return { intValue: String(value) };
  if (typeof value === "number") {
    // JSON has no words for these, and JSON.stringify() drops a sign.
    const isPlain = Number.isFinite(value) && !Object.is(value, -0);
    return { doubleValue: isPlain ? value : textOf(value) };
  }
  if (value instanceof Uint8Array) {
    return { bytesValue: base64Of(value) };
  }
  return isList(value)
    ? { kvlistValue: { values: jsonPairs(value) } }
    : { arrayValue: { values: value.map(jsonAny) } };
}

function textOf(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function idOf(hex: string): Uint8Array {
  return Uint8Array.from(
    hex.match(/../g) ?? [],
    (digits) => Number.parseInt(digits, 16),
  );
}
