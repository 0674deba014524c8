import type { SpanKind, StatusCode } from "../map/span_kind.ts";

/** A value of an attribute; an integer is a bigint, a double a number. */
export type AttributeValue =
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly AttributeValue[]
  | Attributes
  | null;

/** Attributes by key, in the order in which they came; the last of one key. */
export type Attributes = ReadonlyMap<string, AttributeValue>;

/** What emitted spans; one object for all spans of it. */
export interface Resource {
  readonly attributes: Attributes;
  readonly droppedAttributes: number;
  readonly schemaUrl: string;
}

/** The instrumentation that made spans; one object for all spans of it. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
  readonly droppedAttributes: number;
  readonly schemaUrl: string;
}

/** Something that happened during a span. */
export interface SpanEvent {
  /** ns since the epoch. */
  readonly timeNs: bigint;
  readonly name: string;
  readonly attributes: Attributes;
  readonly droppedAttributes: number;
}

/** Another span that a span points to. */
export interface SpanLink {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: Attributes;
  readonly droppedAttributes: number;
  readonly flags: number;
}

/**
 * A span with every field that it was sent with.
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto, `Span`.
 */
export interface Span {
  /** 32 hex digits, lower case. */
  readonly traceId: string;
  /** 16 hex digits, lower case. */
  readonly spanId: string;
  /** 16 hex digits, "" for a root. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: SpanKind;
  /** ns since the epoch. */
  readonly startNs: bigint;
  /** ns since the epoch. */
  readonly endNs: bigint;
  readonly attributes: Attributes;
  readonly droppedAttributes: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEvents: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinks: number;
  readonly status: { readonly code: StatusCode; readonly message: string };
  readonly resource: Resource;
  readonly scope: Scope;
}
