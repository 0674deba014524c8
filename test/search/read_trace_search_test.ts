import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  DEFAULT_SEARCH_RANGE_MS,
  MAX_ASKED_ATTRIBUTE_LENGTH,
  MAX_ASKED_ATTRIBUTES,
  readTraceSearch,
  type TraceSearch,
} from "../../src/search/read_trace_search.ts";
import { MAX_RESOURCE_ID_LENGTH } from "../../src/search/resource_ids.ts";
import { decodeCursor, encodeCursor } from "../../src/search/trace_cursor.ts";
import { ANY_TRACE } from "../../src/search/trace_filter.ts";
import {
  DEFAULT_TRACE_LIMIT,
  MAX_TRACE_LIMIT,
} from "../../src/search/trace_limit.ts";

const NOW_MS = Date.parse("2026-11-22T12:00:00Z");
const NOW_NS = BigInt(NOW_MS) * 1_000_000n;
const HOUR_NS = BigInt(DEFAULT_SEARCH_RANGE_MS) * 1_000_000n;

function read(query: string): TraceSearch {
  const result = readTraceSearch(new URLSearchParams(query), NOW_MS);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.search;
}

function wrong(query: string): readonly string[] {
  const result = readTraceSearch(new URLSearchParams(query), NOW_MS);
  if (result.ok) throw new Error(`"${query}" is read`);
  return result.problems.map(({ parameter }) => parameter);
}

test("readTraceSearch() of nothing asks for every trace of the last hour", () => {
  expect(read("")).toEqual({
    filter: { ...ANY_TRACE, fromNs: NOW_NS - HOUR_NS, toNs: NOW_NS },
    limit: DEFAULT_TRACE_LIMIT,
    cursor: null,
  });
});

test("readTraceSearch() reads every parameter", () => {
  const cursor = {
    fromNs: 5n,
    startNs: 7n,
    traceId: "0123456789abcdef0123456789abcdef",
  };
  expect(read(
    "service=cart&namespace=shop&environment=prod&operation=GET%20/cart/7&" +
      "start=2h&end=30m&error=true&min_duration=250ms&max_duration=1500000000&" +
      "resource=aws:ec2:i-1&attribute=http.route:/cart:7&attribute=n:500&" +
      `attribute=b:true&attribute=e:&limit=7&cursor=${encodeCursor(cursor)}`,
  )).toEqual({
    filter: {
      ...ANY_TRACE,
      span: [
        {
          on: "service",
          service: { name: "cart", namespace: "shop", environment: "prod" },
        },
        { on: "operation", operation: "GET /cart/{id}" },
        { on: "resource", id: "aws:ec2:i-1" },
        {
          on: "attribute",
          scope: "any",
          key: "http.route",
          value: "/cart:7",
        },
        {
          on: "anyOf",
          conditions: ["500", 500].map((value) =>
            ({ on: "attribute", scope: "any", key: "n", value }) as const
          ),
        },
        {
          on: "anyOf",
          conditions: ["true", true].map((value) =>
            ({ on: "attribute", scope: "any", key: "b", value }) as const
          ),
        },
        { on: "attribute", scope: "any", key: "e", value: "" },
      ],
      failed: true,
      minDurationNs: 250_000_000,
      maxDurationNs: 1_500_000_000,
      fromNs: 5n,
      toNs: NOW_NS - HOUR_NS / 2n,
    },
    limit: 7,
    cursor,
  });
  expect(read("error=false").filter.failed).toBe(false);
  expect(read("end=1h").filter.fromNs).toBe(NOW_NS - 2n * HOUR_NS);
});

test.each([
  ["servce=cart", ["servce"]],
  ["service=", ["service"]],
  ["service=a&service=b", ["service"]],
  ["namespace=shop", ["namespace"]],
  ["environment=prod", ["environment"]],
  ["error=1", ["error"]],
  ["min_duration=-1", ["min_duration"]],
  ["min_duration=1.5", ["min_duration"]],
  ["max_duration=9007199254740992", ["max_duration"]],
  ["min_duration=2s&max_duration=1s", ["max_duration"]],
  ["start=now&end=1h", ["start"]],
  ["start=5m&end=1h", ["end"]],
  ["attribute=a", ["attribute"]],
  ["attribute=:a", ["attribute"]],
  ["cursor=next", ["cursor"]],
  ["limit=0", ["limit"]],
  ["limit=1e2", ["limit"]],
  ["resource=", ["resource"]],
  ["limit=x&attribute=y", ["limit", "attribute"]],
])("readTraceSearch() refuses %s", (query, parameters) => {
  expect(wrong(query)).toEqual(parameters);
});

test("readTraceSearch() takes each limit, and nothing beyond", () => {
  const id = "i".repeat(MAX_RESOURCE_ID_LENGTH);
  const pair = "k:".padEnd(MAX_ASKED_ATTRIBUTE_LENGTH, "v");
  const pairs = Array.from(
    { length: MAX_ASKED_ATTRIBUTES },
    () => "attribute=a:b",
  )
    .join("&");
  expect(read(`limit=${MAX_TRACE_LIMIT}`).limit).toBe(500);
  expect(wrong(`limit=${MAX_TRACE_LIMIT + 1}`)).toEqual(["limit"]);
  expect(read(`resource=${id}`).filter.span).toHaveLength(1);
  expect(wrong(`resource=${id}i`)).toEqual(["resource"]);
  expect(read(`attribute=${pair}`).filter.span).toHaveLength(1);
  expect(wrong(`attribute=${pair}v`)).toEqual(["attribute"]);
  expect(read(pairs).filter.span).toHaveLength(MAX_ASKED_ATTRIBUTES);
  expect(wrong(`${pairs}&attribute=a:b`)).toEqual(["attribute"]);
});

const hex = fc.stringMatching(/^[0-9a-f]{32}$/);
const ns = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

test("decodeCursor() gives what encodeCursor() was given", () => {
  fc.assert(fc.property(ns, ns, hex, (a, b, traceId) => {
    const cursor = {
      fromNs: a < b ? a : b,
      startNs: a < b ? b : a,
      traceId,
    };
    expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
  }));
});

test("decodeCursor() takes no text twice for one cursor, and never throws", () => {
  fc.assert(fc.property(
    fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9_-]{43}$/)),
    (text) => {
      const cursor = decodeCursor(text);
      if (cursor !== null) expect(encodeCursor(cursor)).toBe(text);
    },
  ));
  const good = encodeCursor({
    fromNs: 1n,
    startNs: 2n,
    traceId: "0".repeat(32),
  });
  expect(decodeCursor(good)).not.toBe(null);
  expect(decodeCursor(good.replace(/A$/, "B"))).toBe(null);
  expect(decodeCursor(`${good}=`)).toBe(null);
  expect(decodeCursor(
    encodeCursor({ fromNs: 2n, startNs: 1n, traceId: "0".repeat(32) }),
  )).toBe(null);
});
