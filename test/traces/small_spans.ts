import * as fc from "fast-check";
import {
  ANY_TRACE,
  type FieldCondition,
  type SpanCondition,
  type TraceFilter,
} from "../../src/search/trace_filter.ts";
import type { AttributeValue, Resource, Span } from "../../src/spans/span.ts";
import type { KnownForms } from "./search_oracle.ts";

/** When the first of the small spans can start, ns since the epoch. */
export const SMALL_START_NS = 1_700_000_000_000_000_000n;
/** In ns after it: few, so that many start at once, some in one ms. */
const STARTS = [0n, 1n, 2n, 1_000_000n, 1_000_001n, 7_000_000n];
const DURATIONS = [-1, 0, 1, 2, 3, 5];

const LONG_NAME = "n".repeat(300);
const NAMES = ["GET /cart/7", "GET /cart/8", "work", LONG_NAME];
const HOSTS = ["i-1", "i-2"];
const SERVICES: readonly (readonly [string, string, string])[] = [
  ["cart", "", ""],
  ["cart", "shop", "prod"],
  ["orders", "shop", ""],
  ["a/b@c %!*", "", "test"],
];

/** What the small spans' names and hosts are otherwise called. */
export const SMALL_FORMS: KnownForms = {
  operations: new Map([
    ["GET /cart/7", "GET /cart/{id}"],
    ["GET /cart/8", "GET /cart/{id}"],
    [LONG_NAME, LONG_NAME.slice(0, 256)],
  ]),
  resources: new Map(HOSTS.map((id) => [id, [id, `aws:ec2:${id}`]])),
};

const VALUES: readonly AttributeValue[] = [
  1n,
  1,
  2.5,
  "1",
  "x",
  true,
  [2n, "x"],
  [],
  null,
  new Map([["k", 1n]]),
  2n ** 53n + 1n,
];

/** What the attribute `k` of the small spans can be asked for by. */
export const SMALL_VALUES: readonly (string | number | boolean)[] = [
  1,
  2,
  2.5,
  "1",
  "x",
  true,
  false,
  2 ** 53,
];

const value = fc.option(fc.constantFrom(...VALUES), { nil: undefined });

const resource: fc.Arbitrary<Resource> = fc.record({
  service: fc.option(fc.constantFrom(...SERVICES), { freq: 5 }),
  host: fc.option(fc.constantFrom(...HOSTS)),
  k: value,
}).map(({ service, host, k }) => {
  const attributes = new Map<string, AttributeValue>();
  const [name, namespace, environment] = service ?? ["", "", ""];
  if (name !== "") attributes.set("service.name", name);
  if (namespace !== "") attributes.set("service.namespace", namespace);
  if (environment !== "") {
    attributes.set("deployment.environment.name", environment);
  }
  if (host !== null) attributes.set("host.id", host);
  if (k !== undefined) attributes.set("k", k);
  return { attributes, droppedAttributes: 0, schemaUrl: "" };
});

const SCOPE = {
  name: "lib",
  version: "",
  attributes: new Map(),
  droppedAttributes: 0,
  schemaUrl: "",
};

const span: fc.Arbitrary<Span> = fc.record({
  trace: fc.integer({ min: 1, max: 7 }),
  id: fc.integer({ min: 1, max: 5 }),
  parent: fc.integer({ min: 0, max: 2 }),
  name: fc.constantFrom(...NAMES),
  kind: fc.constantFrom<Span["kind"]>(0, 1, 2, 3, 4, 5),
  code: fc.constantFrom<Span["status"]["code"]>(0, 1, 2),
  start: fc.constantFrom(...STARTS),
  duration: fc.constantFrom(...DURATIONS),
  k: value,
  resource,
}).map((drawn) => ({
  traceId: "a".repeat(31) + drawn.trace,
  spanId: "b".repeat(15) + drawn.id,
  parentSpanId: drawn.parent === 0 ? "" : "b".repeat(15) + drawn.parent,
  traceState: "",
  flags: 0,
  name: drawn.name,
  kind: drawn.kind,
  startNs: SMALL_START_NS + drawn.start,
  endNs: SMALL_START_NS + drawn.start + BigInt(drawn.duration),
  attributes: new Map(drawn.k === undefined ? [] : [["k", drawn.k]]),
  droppedAttributes: 0,
  events: [],
  droppedEvents: 0,
  links: [],
  droppedLinks: 0,
  status: { code: drawn.code, message: "" },
  resource: drawn.resource,
  scope: SCOPE,
}));

/**
 * Spans of few traces, times, services, names and attributes, so that filters
 * find some of them; no two of one trace and id.
 */
export const smallSpans: fc.Arbitrary<readonly Span[]> = fc.uniqueArray(span, {
  minLength: 1,
  maxLength: 30,
  size: "max",
  selector: ({ traceId, spanId }) => traceId + spanId,
});

const scope = fc.constantFrom("span", "resource", "any");

const field: fc.Arbitrary<FieldCondition> = fc.oneof(
  fc.tuple(fc.constantFrom(...SERVICES), fc.nat(3)).map(
    ([[name, namespace, environment], exact]): FieldCondition => ({
      on: "service",
      service: {
        name,
        namespace: (exact & 1) === 0 ? null : namespace,
        environment: (exact & 2) === 0 ? null : environment,
      },
    }),
  ),
  fc.constantFrom("unknown_service", "nobody").map((
    name,
  ): FieldCondition => ({
    on: "service",
    service: { name, namespace: null, environment: null },
  })),
  fc.constantFrom(...SMALL_FORMS.operations.values(), "work", LONG_NAME)
    .map((operation): FieldCondition => ({ on: "operation", operation })),
  fc.constantFrom(...NAMES, "GET /cart/{id}", "GET /cart/9")
    .map((name): FieldCondition => ({ on: "name", name })),
  fc.record({
    on: fc.constant("kind"),
    kind: fc.constantFrom<Span["kind"]>(0, 1, 2, 3, 4, 5),
  }),
  fc.record({
    on: fc.constant("status"),
    status: fc.constantFrom<Span["status"]["code"]>(0, 1, 2),
  }),
  fc.record({
    on: fc.constant("duration"),
    comparison: fc.constantFrom("=", "!=", "<", "<=", ">", ">="),
    ns: fc.integer({ min: 0, max: 6 }),
  }),
  fc.constantFrom(...HOSTS, "aws:ec2:i-1", "aws:ec2:i-3")
    .map((id): FieldCondition => ({ on: "resource", id })),
  fc.record({
    on: fc.constant("attribute"),
    scope,
    key: fc.constantFrom("k", "k", "k", "none"),
    value: fc.constantFrom(...SMALL_VALUES),
  }),
  fc.record({
    on: fc.constant("number"),
    scope,
    key: fc.constant("k"),
    comparison: fc.constantFrom("<", "<=", ">", ">="),
    value: fc.constantFrom(0, 1, 2, 2.5),
  }),
);

const single = fc.oneof(
  { weight: 3, arbitrary: field },
  {
    weight: 1,
    arbitrary: field.map((condition) => ({ on: "not" as const, condition })),
  },
);

const condition: fc.Arbitrary<SpanCondition> = fc.oneof(
  { weight: 4, arbitrary: single },
  {
    weight: 1,
    arbitrary: fc.array(single, { minLength: 1, maxLength: 3 })
      .map((conditions) => ({ on: "anyOf" as const, conditions })),
  },
);

const bound = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 2, 3, 999_999, 1_000_002) },
);

/** Filters that find some traces of `smallSpans`. */
export const smallFilter: fc.Arbitrary<TraceFilter> = fc.record({
  span: fc.array(condition, { maxLength: 3, size: "max" }),
  failed: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.boolean() },
  ),
  root: fc.oneof(
    { weight: 2, arbitrary: fc.constant(ANY_TRACE.root) },
    {
      weight: 1,
      arbitrary: fc.record({
        service: fc.option(fc.constantFrom("cart", "orders", "a/b@c %!*")),
        name: fc.option(fc.constantFrom(...NAMES)),
      }),
    },
  ),
  minDurationNs: bound,
  maxDurationNs: bound,
  fromNs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0n) },
    { weight: 1, arbitrary: fc.constantFrom(...STARTS).map(sinceStart) },
  ),
  toNs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(2n ** 63n) },
    { weight: 1, arbitrary: fc.constantFrom(...STARTS).map(sinceStart) },
  ),
});

function sinceStart(ns: bigint): bigint {
  return SMALL_START_NS + ns;
}
