import Long from "long";
import { opentelemetry } from "../../proto/generated/otlp.js";
import type {
  ExportedSpan,
  ExportRequest,
  KeyValue,
} from "../../src/local/otlp_json.ts";

const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;

/** The protobuf encoding of a request, by protobufjs. */
export function encodeProtobuf(request: ExportRequest): Uint8Array {
  return ExportTraceServiceRequest.encode({
    resourceSpans: request.resourceSpans.map(({ resource, scopeSpans }) => ({
      resource: { attributes: resource.attributes.map(keyValue) },
      scopeSpans: scopeSpans.map(({ scope, spans }) => ({
        scope,
        spans: spans.map(protobufSpan),
      })),
    })),
  }).finish();
}

function protobufSpan(span: ExportedSpan) {
  return {
    traceId: Buffer.from(span.traceId, "hex"),
    spanId: Buffer.from(span.spanId, "hex"),
    parentSpanId: Buffer.from(span.parentSpanId ?? "", "hex"),
    traceState: span.traceState ?? "",
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: Long.fromString(span.startTimeUnixNano),
    endTimeUnixNano: Long.fromString(span.endTimeUnixNano),
    attributes: span.attributes.map(keyValue),
    links: span.links.map(({ traceId, spanId }) => ({
      traceId: Buffer.from(traceId, "hex"),
      spanId: Buffer.from(spanId, "hex"),
    })),
    status: span.status,
  };
}

function keyValue({ key, value }: KeyValue) {
  return "stringValue" in value
    ? { key, value: { stringValue: value.stringValue } }
    : { key, value: { intValue: Long.fromString(value.intValue) } };
}
