import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import { columnText } from "../../src/clickhouse/attribute_column.ts";
import type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  Span,
} from "../../src/spans/span.ts";

/** Texts that would break a query or a row that they are pasted into. */
export const HOSTILE_TEXTS: readonly string[] = [
  "it's",
  "'; DROP TABLE otel_traces; --",
  "\\",
  "\\'",
  "\\N",
  "\t\n\r\0\b\f",
  '`"{p0:String}"`',
  "{p1:String}",
  "%' OR '1'='1",
  'a\n{"TraceId":""}',
  "é☃😀\u2028",
  "__proto__",
  "/*",
  "?&param_p0=x#",
  "",
];

/** Every type of value that an attribute can have. */
export const ALL_VALUES: Attributes = new Map<string, AttributeValue>([
  ["text", "a"],
  ["yes", true],
  ["no", false],
  ["integer", 9_223_372_036_854_775_807n],
  ["negative", -9_223_372_036_854_775_808n],
  ["double", 0.1],
  ["large", 1e21],
  ["small", 1.5e-7],
  ["minus zero", -0],
  ["not a number", NaN],
  ["infinite", -Infinity],
  ["bytes", Uint8Array.of(0, 255, 16)],
  ["list", ["a<b>&", 1n, 2.5, true, null, Uint8Array.of(1)]],
  ["map", new Map<string, AttributeValue>([["b", [1n]], ["a", new Map()]])],
  ["list without JSON", [NaN]],
  ["nothing", null],
  ["1", "a key that is a number"],
  ["__proto__", "polluted"],
]);

/** A resource of a service. */
export function resourceOf(
  service: string,
  attributes: Attributes = new Map(),
): Resource {
  return {
    attributes: new Map([["service.name", service], ...attributes]),
    droppedAttributes: 0,
    schemaUrl: "",
  };
}

const NO_SCOPE: Scope = {
  name: "",
  version: "",
  attributes: new Map(),
  droppedAttributes: 0,
  schemaUrl: "",
};

/** A span with as little as it can have, but for what is given. */
export function spanOf(given: Partial<Span> = {}): Span {
  return {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    parentSpanId: "",
    traceState: "",
    flags: 0,
    name: "GET /cart",
    kind: SpanKind.SERVER,
    startNs: 1_767_323_045_123_456_789n,
    endNs: 1_767_323_045_223_456_789n,
    attributes: new Map(),
    droppedAttributes: 0,
    events: [],
    droppedEvents: 0,
    links: [],
    droppedLinks: 0,
    status: { code: StatusCode.UNSET, message: "" },
    resource: resourceOf("cart"),
    scope: NO_SCOPE,
    ...given,
  };
}

/** A span that has everything. */
export function wholeSpan(given: Partial<Span> = {}): Span {
  const { startNs } = spanOf();
  return spanOf({
    parentSpanId: "00f067aa0ba902b7",
    traceState: "vendor=a,other=b",
    flags: 257,
    kind: SpanKind.CLIENT,
    attributes: ALL_VALUES,
    droppedAttributes: 1,
    events: [
      {
        timeNs: startNs + 1n,
        name: "exception",
        attributes: ALL_VALUES,
        droppedAttributes: 2,
      },
      { timeNs: 0n, name: "", attributes: new Map(), droppedAttributes: 0 },
    ],
    droppedEvents: 3,
    links: [{
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      spanId: "53995c3f42cd8ad8",
      traceState: "vendor=c",
      attributes: ALL_VALUES,
      droppedAttributes: 4,
      flags: 1,
    }],
    droppedLinks: 5,
    status: { code: StatusCode.ERROR, message: "out of stock" },
    resource: resourceOf("cart", ALL_VALUES),
    scope: {
      ...NO_SCOPE,
      name: "io.opentelemetry.http",
      version: "1.2.3",
      attributes: new Map([["lost", "yes"]]),
    },
    ...given,
  });
}

/** The span that a table gives back: what it has no column for is not there. */
export function asStored(span: Span): Span {
  const { resource, scope } = span;
  const none = { droppedAttributes: 0 };
  return {
    ...span,
    flags: 0,
    attributes: stored(span.attributes),
    droppedAttributes: 0,
    events: span.events.map((event) => ({
      ...event,
      ...none,
      attributes: stored(event.attributes),
    })),
    droppedEvents: 0,
    links: span.links.map((link) => ({
      ...link,
      ...none,
      flags: 0,
      attributes: stored(link.attributes),
    })),
    droppedLinks: 0,
    resource: {
      ...none,
      schemaUrl: "",
      attributes: stored(resource.attributes),
    },
    scope: {
      ...none,
      name: scope.name,
      version: scope.version,
      attributes: new Map(),
      schemaUrl: "",
    },
  };
}

function stored(attributes: Attributes): Attributes {
  return new Map(
    Array.from(attributes, ([key, value]) => [key, columnText(value)]),
  );
}
