import * as z from "zod/mini";
import { SpanKind, StatusCode } from "../map/span_kind.ts";
import type {
  Attributes,
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanLink,
} from "../spans/span.ts";
import { KIND_NAMES, STATUS_NAMES } from "./row.ts";

// A record of zod has no "__proto__", and an attribute may be called that.
const attributes = z.custom<Readonly<Record<string, string>>>(isTexts);
const ns = z.string().check(z.regex(/^\d{1,20}$/));
const texts = z.array(z.string());

const Row = z.object({
  start_ns: z.string().check(z.regex(/^-?\d{1,20}$/)),
  duration_ns: ns,
  trace_id: z.string(),
  span_id: z.string(),
  parent_span_id: z.string(),
  trace_state: z.string(),
  name: z.string(),
  kind: z.string(),
  service: z.string(),
  resource: attributes,
  scope_name: z.string(),
  scope_version: z.string(),
  attributes,
  status: z.string(),
  status_message: z.string(),
  event_ns: texts,
  event_names: texts,
  event_attributes: z.array(attributes),
  link_trace_ids: texts,
  link_span_ids: texts,
  link_trace_states: texts,
  link_attributes: z.array(attributes),
});
type Row = z.infer<typeof Row>;

const FoundRow = z.object({
  trace_id: z.string(),
  start_ns: ns,
  duration_ns: ns,
});

/** A trace that a search found. */
export interface FoundTrace {
  readonly traceId: string;
  /** ns since the epoch. */
  readonly startNs: bigint;
  readonly durationNs: bigint;
}

const KINDS = numbersByName<SpanKind>(KIND_NAMES);
const STATUSES = numbersByName<StatusCode>(STATUS_NAMES);

/**
 * Reads the rows of `traceQuery` into spans. What the table does not have is 0
 * or "": flags, what was dropped, URLs of schemas, attributes of a scope; every
 * attribute is text.
 *
 * @param text `JSONEachRow`.
 * @throws {SyntaxError | z.core.$ZodError} Where the rows are others.
 */
export function readSpanRows(text: string): readonly Span[] {
  const resources: Map<string, Resource> = new Map();
  const scopes: Map<string, Scope> = new Map();
  return lines(text).map((line) => {
    const row = Row.parse(JSON.parse(line));
    const resource = resourceOf(row);
    const scope = scopeOf(row);
    return spanOf(row, {
      resource: shared(resources, JSON.stringify([...resource.attributes]), {
        ...resource,
      }),
      scope: shared(scopes, JSON.stringify([scope.name, scope.version]), scope),
    });
  });
}

/**
 * Reads the rows of `searchQuery`, in their order.
 *
 * @param text `JSONEachRow`.
 * @throws {SyntaxError | z.core.$ZodError} Where the rows are others.
 */
export function readFoundTraces(text: string): readonly FoundTrace[] {
  return lines(text).map((line) => {
    const row = FoundRow.parse(JSON.parse(line));
    return {
      traceId: row.trace_id,
      startNs: BigInt(row.start_ns),
      durationNs: BigInt(row.duration_ns),
    };
  });
}

function isTexts(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((text) => typeof text === "string");
}

function lines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

function spanOf(
  row: Row,
  { resource, scope }: Pick<Span, "resource" | "scope">,
): Span {
  const startNs = BigInt(row.start_ns);
  return {
    traceId: row.trace_id,
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    traceState: row.trace_state,
    flags: 0,
    name: row.name,
    kind: KINDS.get(row.kind) ?? SpanKind.UNSPECIFIED,
    startNs,
    endNs: startNs + BigInt(row.duration_ns),
    attributes: attributesOf(row.attributes),
    droppedAttributes: 0,
    events: eventsOf(row),
    droppedEvents: 0,
    links: linksOf(row),
    droppedLinks: 0,
    status: {
      code: STATUSES.get(row.status) ?? StatusCode.UNSET,
      message: row.status_message,
    },
    resource,
    scope,
  };
}

function eventsOf(row: Row): readonly SpanEvent[] {
  return row.event_ns.map((at, index) => ({
    timeNs: BigInt(at),
    name: row.event_names[index] ?? "",
    attributes: attributesOf(row.event_attributes[index] ?? {}),
    droppedAttributes: 0,
  }));
}

function linksOf(row: Row): readonly SpanLink[] {
  return row.link_trace_ids.map((traceId, index) => ({
    traceId,
    spanId: row.link_span_ids[index] ?? "",
    traceState: row.link_trace_states[index] ?? "",
    attributes: attributesOf(row.link_attributes[index] ?? {}),
    droppedAttributes: 0,
    flags: 0,
  }));
}

function resourceOf({ resource, service }: Row): Resource {
  const read = attributesOf(resource);
  return {
    // Who writes the table may name the service in its column alone.
    attributes: service === "" || read.has("service.name")
      ? read
      : new Map([["service.name", service], ...read]),
    droppedAttributes: 0,
    schemaUrl: "",
  };
}

function scopeOf(row: Row): Scope {
  return {
    name: row.scope_name,
    version: row.scope_version,
    attributes: new Map(),
    droppedAttributes: 0,
    schemaUrl: "",
  };
}

function attributesOf(column: Readonly<Record<string, string>>): Attributes {
  return new Map(Object.entries(column));
}

function shared<T>(known: Map<string, T>, key: string, value: T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  known.set(key, value);
  return value;
}

function numbersByName<T extends number>(
  names: Readonly<Record<T, string>>,
): ReadonlyMap<string, T> {
  return new Map(
    Object.entries(names).map(([number, name]) =>
      [String(name), Number(number) as T] as const
    ),
  );
}
