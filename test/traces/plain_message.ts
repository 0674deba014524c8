import { Buffer } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import Long from "long";
import { opentelemetry } from "../../proto/generated/otlp.js";
import type { Span } from "../../src/spans/span.ts";
import { protobufOfSpans } from "../spans/body_of_spans.ts";

// On the wire the same as TracesData.
const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;

/** A value of a message: numbers of 64 bits are bigint, bytes are hex. */
export type PlainValue =
  | string
  | number
  | boolean
  | bigint
  | readonly PlainValue[]
  | PlainMessage;

/** A message's fields by their names; those of default value are not there. */
export interface PlainMessage {
  readonly [field: string]: PlainValue;
}

/** A span with what it is sent under. */
export interface PlainSpan {
  readonly resource: PlainMessage;
  readonly resourceSchemaUrl: string;
  readonly scope: PlainMessage;
  readonly scopeSchemaUrl: string;
  readonly span: PlainMessage;
}

/** Of these one is there, whatever its value is. */
const CHOICES = new Set([
  "stringValue",
  "boolValue",
  "intValue",
  "doubleValue",
  "bytesValue",
  "arrayValue",
  "kvlistValue",
]);

/** The spans of an OTLP `TracesData`, as protobufjs reads it. */
export function plainSpans(body: Uint8Array): readonly PlainSpan[] {
  return ExportTraceServiceRequest.decode(body).resourceSpans.flatMap((
    ofResource,
  ) =>
    (ofResource.scopeSpans ?? []).flatMap((ofScope) =>
      (ofScope.spans ?? []).map((span) => ({
        resource: plainMessage(ofResource.resource ?? {}),
        resourceSchemaUrl: ofResource.schemaUrl ?? "",
        scope: plainMessage(ofScope.scope ?? {}),
        scopeSchemaUrl: ofScope.schemaUrl ?? "",
        span: plainMessage(span),
      }))
    )
  );
}

/** Spans as protobufjs reads what is sent of them. */
export function sentSpans(spans: readonly Span[]): readonly PlainSpan[] {
  return plainSpans(protobufOfSpans(spans));
}

/** What tells a span from others of its trace. */
export function plainKey({ span }: PlainSpan): string {
  return `${textAt(span, "spanId")} ${numberAt(span, "kind")}`;
}

/** How spans differ from those that are expected, in whatever order. */
export function plainDifferences(
  answered: readonly PlainSpan[],
  expected: readonly PlainSpan[],
): readonly string[] {
  const left = new Map(answered.map((span) => [plainKey(span), span]));
  const differences: string[] = [];
  if (left.size !== answered.length) differences.push("A span is there twice");
  for (const span of expected) {
    const key = plainKey(span);
    const other = left.get(key);
    left.delete(key);
    if (other === undefined) differences.push(`${key} is missing`);
    else if (!isDeepStrictEqual(other, span)) {
      differences.push(`${key} is ${textOf(other)}, not ${textOf(span)}`);
    }
  }
  for (const key of left.keys()) differences.push(`${key} was never sent`);
  return differences;
}

function textOf(value: unknown): string {
  return JSON.stringify(
    value,
    (_, item: unknown) => typeof item === "bigint" ? `${item}n` : item,
  );
}

/** A field of a message: a text, or "". */
export function textAt(message: PlainMessage, field: string): string {
  const value = message[field];
  return typeof value === "string" ? value : "";
}

/** A field of a message: a number of 32 bits, or 0. */
export function numberAt(message: PlainMessage, field: string): number {
  const value = message[field];
  return typeof value === "number" ? value : 0;
}

/** A field of a message: a number of 64 bits, or 0. */
export function bigintAt(message: PlainMessage, field: string): bigint {
  const value = message[field];
  return typeof value === "bigint" ? value : 0n;
}

/** A field of a message: messages, or none. */
export function messagesAt(
  message: PlainMessage,
  field: string,
): readonly PlainMessage[] {
  const value = message[field];
  return Array.isArray(value) ? value as readonly PlainMessage[] : [];
}

/** A field of a message: a message, or one without fields. */
export function messageAt(message: PlainMessage, field: string): PlainMessage {
  const value = message[field];
  return typeof value === "object" && !Array.isArray(value)
    ? value as PlainMessage
    : {};
}

function plainMessage(message: object): PlainMessage {
  return Object.fromEntries(
    Object.entries(message)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([field, value]) => [field, plainValue(value)] as const)
      .filter(([field, value]) => CHOICES.has(field) || !isDefault(value)),
  );
}

function plainValue(value: unknown): PlainValue {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object" || value === null) return value as PlainValue;
  return Long.isLong(value) ? BigInt(value.toString()) : plainMessage(value);
}

function isDefault(value: PlainValue): boolean {
  return value === "" || value === 0 || value === 0n ||
    (typeof value === "object" && Object.keys(value).length === 0);
}
