import * as fc from "fast-check";
import { SpanKind, type StatusCode } from "../../src/map/span_kind.ts";
import type { SpanFacts } from "../../src/trace/span_facts.ts";
import type { GeneratedSpan } from "./brute_force_map.ts";

const SERVICES = ["web", "cart", "orders"].map((name) => ({
  namespace: "",
  name,
  environment: name === "orders" ? "prod" : "",
}));
const MAX_SPAN = 12;
const NS_PER_MS = 1_000_000n;

/** A byte string of a small number: few ids, so that spans meet. */
export function smallId(bytes: number, number: number): string {
  return "\u0001".repeat(bytes - 1) + String.fromCharCode(number);
}

/**
 * A span of few traces, ids and services, so that halves meet often. Its kind
 * follows from its id, as no sender uses an id for two client halves.
 *
 * @param aroundMs About when it starts, ms since the epoch.
 */
export function spanArbitrary(
  aroundMs: number,
): fc.Arbitrary<GeneratedSpan> {
  return fc.record({
    trace: fc.integer({ min: 1, max: 4 }),
    id: fc.integer({ min: 1, max: MAX_SPAN }),
    parent: fc.integer({ min: 0, max: MAX_SPAN }),
    service: fc.constantFrom(...SERVICES),
    status: fc.constantFrom<StatusCode>(0, 1, 2),
    offsetMs: fc.integer({ min: -90_000, max: 0 }),
    durationNs: fc.integer({ min: 0, max: 400_000_000 }),
    weight: fc.constantFrom(1, 1, 1, 4),
    peer: fc.constantFrom("", "db.internal", "api.example.com"),
    database: fc.boolean(),
    links: fc.array(
      fc.record({
        trace: fc.integer({ min: 1, max: 4 }),
        id: fc.integer({ min: 1, max: MAX_SPAN }),
      }),
      { maxLength: 2 },
    ),
  }).map((drawn) => {
    const kind = (drawn.id % 5 + 1) as SpanFacts["kind"];
    const start = BigInt(aroundMs + drawn.offsetMs) * NS_PER_MS;
    const traceId = smallId(16, drawn.trace);
    const parentId = drawn.parent === 0 || drawn.parent === drawn.id
      ? ""
      : smallId(8, drawn.parent);
    const links = kind === SpanKind.CONSUMER
      ? drawn.links.map((link) => ({
        traceId: smallId(16, link.trace),
        spanId: smallId(8, link.id),
      }))
      : [];
    return {
      links,
      span: {
        traceId,
        spanId: smallId(8, drawn.id),
        parentId,
        kind,
        status: drawn.status,
        startHigh: Number(start >> 32n),
        startLow: Number(start & 0xffffffffn),
        durationNs: drawn.durationNs,
        service: drawn.service,
        traits: 0,
        operation: `operation ${drawn.id}`,
        weight: drawn.weight,
        peer: drawn.peer,
        database: drawn.database && drawn.peer !== "" &&
          kind === SpanKind.CLIENT,
        system: "",
        destination: "",
        endpoint: "",
        linked: links.length > 0,
      },
    };
  });
}

/** Spans of which no two share trace, id and kind. */
export function spansArbitrary(
  aroundMs: number,
  options: { readonly minLength?: number } = {},
): fc.Arbitrary<GeneratedSpan[]> {
  return fc.uniqueArray(spanArbitrary(aroundMs), {
    ...options,
    maxLength: 40,
    size: "max",
    selector: ({ span }) => span.traceId + span.spanId,
  });
}
