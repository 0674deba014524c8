import type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  Span,
} from "../../src/spans/span.ts";

/** ns since the epoch of the 0 of made spans. */
export const ZERO_NS = 1_700_000_000_000_000_000n;

/** The trace of made spans. */
export const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

/** Attributes of an object's fields. */
export function attributesOf(
  fields: Readonly<Record<string, AttributeValue>>,
): Attributes {
  return new Map(Object.entries(fields));
}

/** A resource of a service and whatever else. */
export function resourceOf(
  service: string,
  more: Readonly<Record<string, AttributeValue>> = {},
): Resource {
  return {
    attributes: attributesOf({ "service.name": service, ...more }),
    droppedAttributes: 0,
    schemaUrl: "",
  };
}

/** A scope without attributes. */
export function scopeOf(name: string, version = ""): Scope {
  return {
    name,
    version,
    attributes: new Map(),
    droppedAttributes: 0,
    schemaUrl: "",
  };
}

const SHOP = resourceOf("shop");
const SCOPE = scopeOf("lib");

/** 16 hex digits of a number. */
export function spanId(number: number): string {
  return number.toString(16).padStart(16, "0");
}

/** What a made span is like: its times in ns after `ZERO_NS`. */
export interface SpanSketch {
  readonly id: number;
  /** 0: a root. */
  readonly parent?: number;
  readonly from: number;
  readonly to: number;
  /** By default one and the same of a service "shop". */
  readonly resource?: Resource;
}

/** A span with the named fields and little else. */
export function makeSpan(
  { id, parent = 0, from, to, resource = SHOP }: SpanSketch,
  more: Partial<Span> = {},
): Span {
  return {
    traceId: TRACE_ID,
    spanId: spanId(id),
    parentSpanId: parent === 0 ? "" : spanId(parent),
    traceState: "",
    flags: 0,
    name: `operation ${id}`,
    kind: 1,
    startNs: ZERO_NS + BigInt(from),
    endNs: ZERO_NS + BigInt(to),
    attributes: new Map(),
    droppedAttributes: 0,
    events: [],
    droppedEvents: 0,
    links: [],
    droppedLinks: 0,
    status: { code: 0, message: "" },
    resource,
    scope: SCOPE,
    ...more,
  };
}
