import { expect, test } from "vitest";
import {
  DEFAULT_JAEGER_LIMIT,
  readJaegerSearch,
} from "../../src/search/read_jaeger_search.ts";
import { MAX_CONDITIONS } from "../../src/search/read_traceql.ts";
import {
  ANY_TRACE,
  type SpanCondition,
} from "../../src/search/trace_filter.ts";
import { MAX_TRACE_LIMIT } from "../../src/search/trace_limit.ts";

const NOW_MS = 1_700_000_000_000;
const NOW_NS = 1_700_000_000_000_000_000n;
const DAY_NS = 86_400_000_000_000n;

const CART: SpanCondition = {
  on: "service",
  service: { name: "cart", namespace: null, environment: null },
};

function read(query: string) {
  const result = readJaegerSearch(new URLSearchParams(query), NOW_MS);
  if (!result.ok) throw new Error(result.reason);
  return result;
}

function refused(query: string): string {
  const result = readJaegerSearch(new URLSearchParams(query), NOW_MS);
  if (result.ok) throw new Error(`"${query}" is read`);
  return result.reason;
}

test("readJaegerSearch() of a service asks for the last two days", () => {
  expect(read("service=cart&operation=&start=&tags=&minDuration=")).toEqual({
    ok: true,
    filter: {
      ...ANY_TRACE,
      span: [CART],
      fromNs: NOW_NS - 2n * DAY_NS,
      toNs: NOW_NS + 1n,
    },
    limit: DEFAULT_JAEGER_LIMIT,
  });
});

test("readJaegerSearch() reads every parameter", () => {
  const tags = JSON.stringify({ error: "true", "http.route": "/cart" });
  expect(read(
    "service=cart&operation=GET%20/cart/7&start=1000&end=2000&lookback=1h&" +
      `minDuration=1ms&maxDuration=1.5s&limit=7&tags=${
        encodeURIComponent(tags)
      }` +
      "&tag=a:b:c",
  )).toEqual({
    ok: true,
    filter: {
      ...ANY_TRACE,
      span: [
        CART,
        { on: "operation", operation: "GET /cart/{id}" },
        { on: "attribute", scope: "any", key: "a", value: "b:c" },
        { on: "status", status: 2 },
        { on: "attribute", scope: "any", key: "http.route", value: "/cart" },
        { on: "duration", comparison: ">=", ns: 1_000_000 },
        { on: "duration", comparison: "<=", ns: 1_500_000_000 },
      ],
      fromNs: 1_000_000n,
      toNs: 2_000_001n,
    },
    limit: 7,
  });
});

test("readJaegerSearch() looks back from the end where there is no start", () => {
  expect(read("service=a&lookback=1d").filter.fromNs).toBe(NOW_NS - DAY_NS);
  expect(read("service=a&lookback=custom").filter.fromNs)
    .toBe(NOW_NS - 2n * DAY_NS);
  expect(read("service=a&end=1").filter.fromNs).toBe(0n);
});

test.each<[string, string, SpanCondition]>([
  ["error", "false", {
    on: "not",
    condition: { on: "status", status: 2 },
  }],
  ["span.kind", "server", { on: "kind", kind: 2 }],
  ["otel.status_code", "OK", { on: "status", status: 1 }],
])("readJaegerSearch() reads the tag %s:%s", (key, value, condition) => {
  expect(read(`service=cart&tag=${key}:${value}`).filter.span)
    .toEqual([CART, condition]);
});

test.each([
  ["", "'service' is required"],
  ["service=a&start=x", "'start'"],
  ["service=a&end=-1", "'end'"],
  ["service=a&start=2&end=1", "before end"],
  ["service=a&minDuration=5", "'minDuration'"],
  ["service=a&maxDuration=x", "'maxDuration'"],
  ["service=a&minDuration=2s&maxDuration=1s", "greater"],
  ["service=a&limit=0", "'limit'"],
  ["service=a&tag=x", "key:value"],
  ["service=a&tags=x", "'tags'"],
  ["service=a&tags=[]", "'tags'"],
  ['service=a&tags={"a":{}}', "'tags'"],
  ["service=a&tag=error:1", "true or false"],
  ["service=a&tag=span.kind:x", "server"],
  ["service=a&tag=otel.status_code:ok", "ERROR"],
  ["service=a&tag=otel.scope.name:x", "cannot be searched"],
])("readJaegerSearch() refuses %s", (query, reason) => {
  expect(refused(query)).toContain(reason);
});

test("readJaegerSearch() takes each limit, and nothing beyond", () => {
  expect(read(`service=a&limit=${MAX_TRACE_LIMIT}`).limit).toBe(500);
  expect(refused(`service=a&limit=${MAX_TRACE_LIMIT + 1}`)).toContain("limit");
  const tags = Array.from(
    { length: MAX_CONDITIONS },
    (_, at) => `&tag=k${at}:v`,
  )
    .join("");
  expect(read(`service=a${tags}`).filter.span).toHaveLength(65);
  expect(refused(`service=a${tags}&tag=k:v`)).toContain("at most 64");
});
