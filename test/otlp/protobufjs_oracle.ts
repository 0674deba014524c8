import protobuf from "protobufjs/minimal.js";
import { opentelemetry } from "../../proto/generated/otlp.js";
import type { RejectionReason } from "../../src/otlp/rejection.ts";
import {
  RESOURCE_ATTRIBUTES,
  SPAN_ATTRIBUTES,
} from "../../src/otlp/span_batch.ts";
import { hex, type PlainBatch, type PlainSpan } from "./plain_batch.ts";

// TraceCore replaces bytes that are not UTF-8, where protobufjs refuses them.
protobuf.Reader.prototype.stringVerify = protobuf.Reader.prototype.string;

const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;
type Span = opentelemetry.proto.trace.v1.Span.$Properties;
type Link = opentelemetry.proto.trace.v1.Span.Link.$Properties;
type KeyValue = opentelemetry.proto.common.v1.KeyValue.$Properties;
type AnyValue = opentelemetry.proto.common.v1.AnyValue.$Properties;

/** What protobufjs decodes, bytes that are not UTF-8 too. */
export function decodeRequest(
  body: Uint8Array,
): ReturnType<typeof ExportTraceServiceRequest.decode> {
  return ExportTraceServiceRequest.decode(body);
}

/** What the readers' rules make of what protobufjs decodes; null: refused. */
export function oracleBatch(
  body: Uint8Array,
  samplingAttribute?: string,
): PlainBatch | null {
  let request;
  try {
    request = decodeRequest(body);
  } catch {
    return null;
  }
  const spans: PlainSpan[] = [];
  const rejectedSpans: number[] = [];
  const rejections: Partial<Record<RejectionReason, number>> = {};
  let rejection = "";
  let ordinal = 0;
  let droppedLinks = 0;
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const resourceValues = wanted(resource?.attributes, RESOURCE_ATTRIBUTES);
    for (const { spans: received } of scopeSpans ?? []) {
      for (const span of received ?? []) {
        const problem = problemOf(span);
        const here = ordinal++;
        droppedLinks += Math.max(0, usableLinks(span).length - 128);
        if (problem === "") {
          spans.push(plain(span, resourceValues, samplingAttribute));
          continue;
        }
        rejectedSpans.push(here);
        const reason = reasonOf(problem);
        rejections[reason] = (rejections[reason] ?? 0) + 1;
        if (rejection !== "") continue;
        const service = resourceValues["serviceName"] === undefined
          ? "a service without a name"
          : `service ${JSON.stringify(resourceValues["serviceName"])}`;
        const name = JSON.stringify(cut(span.name ?? "", 256));
        rejection = `span ${name} of ${service}: ${problem}`;
      }
    }
  }
  const rejected = rejectedSpans.length;
  return {
    spans,
    rejected,
    rejection,
    rejectedSpans,
    rejections,
    droppedLinks,
  };
}

function reasonOf(problem: string): RejectionReason {
  if (problem.startsWith("trace_id")) return "trace_id";
  return problem.startsWith("span_id") ? "span_id" : "end_time";
}

function usableLinks(span: Span): readonly Link[] {
  return (span.links ?? [])
    .filter((link) => isId(link.traceId, 16) && isId(link.spanId, 8));
}

function problemOf(span: Span): string {
  const traceId = span.traceId ?? new Uint8Array();
  if (traceId.length !== 16) {
    return `trace_id has ${traceId.length} bytes, must be 16`;
  }
  if (traceId.every((byte) => byte === 0)) return "trace_id is all zeros";
  const spanId = span.spanId ?? new Uint8Array();
  if (spanId.length !== 8) {
    return `span_id has ${spanId.length} bytes, must be 8`;
  }
  if (spanId.every((byte) => byte === 0)) return "span_id is all zeros";
  if (BigInt(String(span.endTimeUnixNano ?? 0)) === 0n) {
    return "end_time_unix_nano is missing or 0";
  }
  return "";
}

function plain(
  span: Span,
  resource: Record<string, string>,
  samplingAttribute: string | undefined,
): PlainSpan {
  const end = BigInt(String(span.endTimeUnixNano));
  const sent = BigInt(String(span.startTimeUnixNano ?? 0));
  const start = sent === 0n ? end : sent;
  const attributes = wanted(span.attributes, SPAN_ATTRIBUTES);
  if (samplingAttribute !== undefined) {
    Object.assign(
      attributes,
      wanted(span.attributes, { [samplingAttribute]: "sampling" }),
    );
  }
  const links = usableLinks(span)
    .slice(0, 128)
    .map((link) => `${idHex(link.traceId)}:${idHex(link.spanId)}`);
  const kind = span.kind ?? 0;
  const status = span.status?.code ?? 0;
  const traceState = span.traceState ?? "";
  return {
    traceId: idHex(span.traceId),
    spanId: idHex(span.spanId),
    parentId: isId(span.parentSpanId, 8) ? idHex(span.parentSpanId) : "",
    kind: kind >= 0 && kind <= 5 ? kind : 0,
    status: status >= 0 && status <= 2 ? status : 0,
    start,
    durationNs: Number(end - start),
    name: cut(span.name ?? "", 256),
    traceState: traceState.length > 1024 ? "" : traceState,
    resource,
    attributes: Object.keys(attributes).length === 0 ? null : attributes,
    links: links.length === 0 ? null : links,
  };
}

function wanted(
  attributes: readonly KeyValue[] | null | undefined,
  fields: Readonly<Record<string, string>>,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { key, value } of attributes ?? []) {
    const text = textOf(value);
    if (text === null || !Object.hasOwn(fields, key ?? "")) continue;
    values[fields[key ?? ""] ?? ""] = cut(text, 256);
  }
  return values;
}

function textOf(value: AnyValue | null | undefined): string | null {
  const set: { value?: string } = value ?? {};
  switch (set.value ?? "nothing") {
    case "stringValue":
      return value?.stringValue ?? null;
    case "boolValue":
      return String(value?.boolValue);
    case "intValue":
      return BigInt(String(value?.intValue)).toString();
    case "doubleValue":
      return String(value?.doubleValue);
    default:
      return null;
  }
}

// Cuts by code points, one at a time.
function cut(text: string, maxChars: number): string {
  let kept = "";
  for (const character of text) {
    if (kept.length + character.length > maxChars) break;
    kept += character;
  }
  return kept;
}

function isId(id: Uint8Array | null | undefined, size: number): boolean {
  return id?.length === size && id.some((byte) => byte !== 0);
}

function idHex(id: Uint8Array | null | undefined): string {
  return hex(id ?? new Uint8Array());
}
