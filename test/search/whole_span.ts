import type { Attributes, AttributeValue, Span } from "../../src/spans/span.ts";

/** What a span is like; the rest of it is of no interest. */
export interface SpanChange extends Partial<Omit<Span, "attributes">> {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Attributes of its resource. */
  readonly of?: Readonly<Record<string, AttributeValue>>;
}

/** A root span of 1 ms with nothing of interest to it. */
export function wholeSpan(
  { attributes = {}, of = {}, ...change }: SpanChange = {},
): Span {
  return {
    traceId: "0".repeat(31) + "1",
    spanId: "0".repeat(15) + "1",
    parentSpanId: "",
    traceState: "",
    flags: 0,
    name: "work",
    kind: 1,
    startNs: 1_700_000_000_000_000_000n,
    endNs: 1_700_000_000_001_000_000n,
    attributes: attributesOf(attributes),
    droppedAttributes: 0,
    events: [],
    droppedEvents: 0,
    links: [],
    droppedLinks: 0,
    status: { code: 0, message: "" },
    resource: {
      attributes: attributesOf(of),
      droppedAttributes: 0,
      schemaUrl: "",
    },
    scope: {
      name: "",
      version: "",
      attributes: new Map(),
      droppedAttributes: 0,
      schemaUrl: "",
    },
    ...change,
  };
}

function attributesOf(
  attributes: Readonly<Record<string, AttributeValue>>,
): Attributes {
  return new Map(Object.entries(attributes));
}
