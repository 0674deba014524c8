import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import { MAX_NAME_CHARS } from "../../src/otlp/text_limits.ts";
import { matchesSpan } from "../../src/search/matches_span.ts";
import { matchesTrace, matchingSpans } from "../../src/search/matches_trace.ts";
import {
  ANY_TRACE,
  type SpanCondition,
  type TraceFilter,
} from "../../src/search/trace_filter.ts";
import { type SpanChange, wholeSpan } from "./whole_span.ts";

const ALL: TraceFilter = { ...ANY_TRACE, fromNs: 0n, toNs: 2n ** 64n };

function service(name: string, namespace: string | null = null) {
  return {
    on: "service",
    service: { name, namespace, environment: null },
  } as const;
}

function attribute(
  key: string,
  value: string | number | boolean,
  scope: "span" | "resource" | "any" = "any",
) {
  return { on: "attribute", scope, key, value } as const;
}

describe("matchesSpan() compares", () => {
  const failed = { code: StatusCode.ERROR, message: "" };
  const cart = { "service.name": "cart", "service.namespace": "shop" };
  test.each<[string, SpanChange, SpanCondition, boolean]>([
    ["a service's name", { of: cart }, service("cart"), true],
    ["another service", { of: cart }, service("car"), false],
    ["its namespace", { of: cart }, service("cart", "shop"), true],
    ["another namespace", { of: cart }, service("cart", ""), false],
    ["nobody's service", {}, service("unknown_service", ""), true],
    [
      "an old environment",
      { of: { ...cart, "deployment.environment": "prod" } },
      {
        on: "service",
        service: { name: "cart", namespace: null, environment: "prod" },
      },
      true,
    ],
    [
      "a folded name",
      { name: "GET /cart/7" },
      { on: "operation", operation: "GET /cart/{id}" },
      true,
    ],
    [
      "a cut name",
      { name: "a".repeat(MAX_NAME_CHARS + 1) },
      { on: "operation", operation: "a".repeat(MAX_NAME_CHARS) },
      true,
    ],
    [
      "a name as it was sent",
      { name: "GET /cart/7" },
      { on: "name", name: "GET /cart/{id}" },
      false,
    ],
    ["a name", { name: "a" }, { on: "name", name: "a" }, true],
    ["a kind", { kind: 3 }, { on: "kind", kind: SpanKind.CLIENT }, true],
    ["another kind", { kind: 2 }, { on: "kind", kind: 3 }, false],
    ["a status", { status: failed }, { on: "status", status: 2 }, true],
    ["another status", { status: failed }, { on: "status", status: 0 }, false],
    [
      "a swapped duration",
      { startNs: 9n, endNs: 1n },
      { on: "duration", comparison: "=", ns: 0 },
      true,
    ],
    [
      "a resource",
      { of: { "host.id": "i-1" } },
      { on: "resource", id: "i-1" },
      true,
    ],
    [
      "AirDig's name of a resource",
      { of: { "host.id": "i-1" } },
      { on: "resource", id: "aws:ec2:i-1" },
      true,
    ],
    [
      "another resource",
      { of: { "host.id": "i-1" } },
      { on: "resource", id: "aws:ec2:i-2" },
      false,
    ],
    ["a text", { attributes: { a: "x" } }, attribute("a", "x"), true],
    [
      "a text and a number",
      { attributes: { a: "1" } },
      attribute("a", 1),
      false,
    ],
    [
      "a number and a text",
      { attributes: { a: 1n } },
      attribute("a", "1"),
      false,
    ],
    ["an integer", { attributes: { a: 500n } }, attribute("a", 500), true],
    ["a double", { attributes: { a: 500 } }, attribute("a", 500), true],
    ["a half", { attributes: { a: 0n } }, attribute("a", 0.5), false],
    [
      "integers that are one double",
      { attributes: { a: 2n ** 53n + 1n } },
      attribute("a", 2 ** 53),
      false,
    ],
    ["a boolean", { attributes: { a: true } }, attribute("a", true), true],
    ["none", {}, attribute("a", "x"), false],
    [
      "an array's part",
      { attributes: { a: ["x", "y"] } },
      attribute("a", "y"),
      true,
    ],
    ["an array", { attributes: { a: ["x"] } }, attribute("a", "z"), false],
    ["a span's", { attributes: { a: "x" } }, attribute("a", "x", "span"), true],
    ["not its own", { of: { a: "x" } }, attribute("a", "x", "span"), false],
    ["a resource's", { of: { a: "x" } }, attribute("a", "x", "resource"), true],
    [
      "not its resource's",
      { attributes: { a: "x" } },
      attribute("a", "x", "resource"),
      false,
    ],
    [
      "either's",
      { attributes: { a: "x" }, of: { a: "y" } },
      attribute("a", "y"),
      true,
    ],
    [
      "an integer with a number",
      { attributes: { a: 500n } },
      { on: "number", scope: "span", key: "a", comparison: ">=", value: 500 },
      true,
    ],
    [
      "a text with a number",
      { attributes: { a: "500" } },
      { on: "number", scope: "span", key: "a", comparison: ">=", value: 1 },
      false,
    ],
    [
      "an unequal text",
      { attributes: { a: "x" } },
      { on: "not", condition: attribute("a", "y") },
      true,
    ],
    [
      "an equal text",
      { attributes: { a: "x" } },
      { on: "not", condition: attribute("a", "x") },
      false,
    ],
    [
      "what is not there",
      {},
      { on: "not", condition: attribute("a", "y") },
      false,
    ],
    [
      "what is of another type",
      { attributes: { a: "x" } },
      { on: "not", condition: attribute("a", 1) },
      false,
    ],
    [
      "a number of the other kind",
      { attributes: { a: 2n } },
      { on: "not", condition: attribute("a", 1.5) },
      true,
    ],
    [
      "a text that is not less",
      { attributes: { a: "x" } },
      {
        on: "not",
        condition: {
          on: "number",
          scope: "any",
          key: "a",
          comparison: "<",
          value: 1,
        },
      },
      false,
    ],
    ["an unequal service", {}, { on: "not", condition: service("a") }, true],
    [
      "either",
      { name: "b" },
      {
        on: "anyOf",
        conditions: [{ on: "name", name: "a" }, { on: "name", name: "b" }],
      },
      true,
    ],
    ["nothing of nothing", {}, { on: "anyOf", conditions: [] }, false],
  ])("%s", (_what, change, condition, expected) => {
    expect(matchesSpan(wholeSpan(change), condition)).toBe(expected);
  });
});

test("matchesSpan() compares durations as numbers are compared", () => {
  fc.assert(fc.property(fc.nat(9), fc.nat(9), (durationNs, ns) => {
    const span = wholeSpan({ startNs: 5n, endNs: 5n + BigInt(durationNs) });
    const truths = {
      "=": durationNs === ns,
      "!=": durationNs !== ns,
      "<": durationNs < ns,
      "<=": durationNs <= ns,
      ">": durationNs > ns,
      ">=": durationNs >= ns,
    };
    for (const comparison of Object.keys(truths) as (keyof typeof truths)[]) {
      expect(matchesSpan(span, { on: "duration", comparison, ns }))
        .toBe(truths[comparison]);
    }
  }));
});

/** A span in a few plain facts, of which the truth is easily told. */
const fact = fc.record({
  name: fc.constantFrom("a", "b"),
  service: fc.constantFrom("cart", "web"),
  error: fc.boolean(),
  start: fc.nat(6),
  length: fc.nat(4),
  root: fc.boolean(),
});
type Fact = typeof fact extends fc.Arbitrary<infer T> ? T : never;

function spanOf(
  { name, service, error, start, length, root }: Fact,
  at: number,
) {
  return wholeSpan({
    spanId: String(at).padStart(16, "0"),
    parentSpanId: root ? "" : "f".repeat(16),
    name,
    startNs: BigInt(start),
    endNs: BigInt(start + length),
    status: { code: error ? 2 : 0, message: "" },
    of: { "service.name": service },
  });
}

const orNull = { nil: null, freq: 2 };
const asked = fc.record({
  name: fc.option(fc.constantFrom("a", "b"), orNull),
  service: fc.option(fc.constantFrom("cart", "web"), orNull),
  failed: fc.option(fc.boolean(), orNull),
  rootName: fc.option(fc.constantFrom("a", "b"), orNull),
  rootService: fc.option(fc.constantFrom("cart", "web"), orNull),
  min: fc.option(fc.nat(6), orNull),
  max: fc.option(fc.nat(9), orNull),
  from: fc.nat(4),
  to: fc.nat(8),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

function filterOf(question: Asked): TraceFilter {
  return {
    span: [
      ...(question.name === null
        ? []
        : [{ on: "name", name: question.name } as const]),
      ...(question.service === null ? [] : [service(question.service)]),
    ],
    failed: question.failed,
    root: { service: question.rootService, name: question.rootName },
    minDurationNs: question.min,
    maxDurationNs: question.max,
    fromNs: BigInt(question.from),
    toNs: BigInt(question.to),
  };
}

function isIt(fact: Fact, question: Asked): boolean {
  return [fact.name, null].includes(question.name) &&
    [fact.service, null].includes(question.service);
}

function isTrue(facts: readonly Fact[], question: Asked): boolean {
  const start = Math.min(...facts.map((one) => one.start));
  const duration = Math.max(...facts.map((one) => one.start + one.length)) -
    start;
  const [root] = facts.filter((one) => one.root)
    .toSorted((a, b) => a.start - b.start);
  const problems = [
    facts.length === 0,
    start < question.from || start >= question.to,
    question.min !== null && duration < question.min,
    question.max !== null && duration > question.max,
    question.failed !== null &&
    question.failed !== facts.some((one) => one.error),
    question.rootName !== null && root?.name !== question.rootName,
    question.rootService !== null && root?.service !== question.rootService,
    !facts.some((one) => isIt(one, question)),
  ];
  return !problems.includes(true);
}

test("matchesTrace() and matchingSpans() are what brute force finds", () => {
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(
      fc.array(fact, { maxLength: 4 }),
      asked,
      (facts, question) => {
        const spans = facts.map(spanOf);
        const expected = isTrue(facts, question);
        seen.add(expected);
        expect(matchesTrace(spans, filterOf(question))).toBe(expected);
        expect(matchingSpans(spans, filterOf(question)))
          .toEqual(spans.filter((_, at) => {
            const one = facts[at];
            return one !== undefined && isIt(one, question);
          }));
      },
    ),
    { numRuns: 2000 },
  );
  expect(seen.size).toBe(2);
});

test("matchesTrace() wants one span that fulfils all, not several together", () => {
  const spans = [
    wholeSpan({ name: "a", kind: SpanKind.SERVER }),
    wholeSpan({ name: "b", kind: SpanKind.CLIENT }),
  ];
  const span: SpanCondition[] = [
    { on: "name", name: "a" },
    { on: "kind", kind: SpanKind.CLIENT },
  ];
  expect(matchesTrace(spans, { ...ALL, span })).toBe(false);
  expect(matchesTrace(spans, { ...ALL, span: span.slice(0, 1) })).toBe(true);
});

test("matchesTrace() finds a root of two at once by its id", () => {
  const spans = ["2", "1"].map((id) => wholeSpan({ spanId: id, name: id }));
  expect(matchesTrace(spans, { ...ALL, root: { service: null, name: "1" } }))
    .toBe(true);
  expect(matchesTrace(spans, { ...ALL, root: { service: null, name: "2" } }))
    .toBe(false);
});

test("matchesTrace() takes a trace that ends before it starts for one of 0 ns", () => {
  const spans = [wholeSpan({ startNs: 9n, endNs: 1n })];
  expect(matchesTrace(spans, { ...ALL, maxDurationNs: 0 })).toBe(true);
  expect(matchesTrace(spans, { ...ALL, minDurationNs: 0 })).toBe(true);
});
