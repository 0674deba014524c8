import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readLogfmt } from "../../src/search/read_logfmt.ts";
import {
  DEFAULT_SPANS_PER_SPAN_SET,
  MAX_SPANS_PER_SPAN_SET,
  readTempoSearch,
} from "../../src/search/read_tempo_search.ts";
import { MAX_CONDITIONS } from "../../src/search/read_traceql.ts";
import {
  ANY_TRACE,
  type TraceQuestion,
} from "../../src/search/trace_filter.ts";
import {
  DEFAULT_TRACE_LIMIT,
  MAX_TRACE_LIMIT,
} from "../../src/search/trace_limit.ts";

const NOW_MS = 1_700_000_000_000;
const NOW_NS = 1_700_000_000_000_000_000n;
const HOUR_NS = 3_600_000_000_000n;

function search(parameters: Record<string, string>) {
  return readTempoSearch(new URLSearchParams(parameters), NOW_MS);
}

function read(parameters: Record<string, string>) {
  const result = search(parameters);
  if (!result.ok) throw new Error(result.reason);
  return result;
}

function refused(parameters: Record<string, string>): string {
  const result = search(parameters);
  if (result.ok) throw new Error(`${JSON.stringify(parameters)} is read`);
  return result.reason;
}

test("readTempoSearch() of nothing asks for every trace of the last hour", () => {
  expect(read({ q: "", tags: "", start: "", limit: "", other: "1" })).toEqual({
    ok: true,
    filter: { ...ANY_TRACE, fromNs: NOW_NS - HOUR_NS, toNs: NOW_NS + 1n },
    limit: DEFAULT_TRACE_LIMIT,
    spansPerSpanSet: DEFAULT_SPANS_PER_SPAN_SET,
  });
});

test("readTempoSearch() reads TraceQL with durations and times beside it", () => {
  expect(read({
    q: '{ name = "a" && traceDuration > 1s && traceDuration < 9s }',
    minDuration: "2s",
    maxDuration: "10s",
    start: "100",
    end: "200",
    limit: "7",
    spss: "5",
  })).toEqual({
    ok: true,
    filter: {
      ...ANY_TRACE,
      span: [{ on: "name", name: "a" }],
      minDurationNs: 2_000_000_000,
      maxDurationNs: 8_999_999_999,
      fromNs: 100_000_000_000n,
      toNs: 200_000_000_001n,
    },
    limit: 7,
    spansPerSpanSet: 5,
  });
});

test.each<[string, Partial<TraceQuestion>]>([
  ["service.name=cart", {
    span: [{
      on: "service",
      service: { name: "cart", namespace: null, environment: null },
    }],
  }],
  ['name="GET /"', { span: [{ on: "name", name: "GET /" }] }],
  ["status.code=error", { span: [{ on: "status", status: 2 }] }],
  ["status=ok", { span: [{ on: "status", status: 1 }] }],
  ["root.name=a root.service.name=b", { root: { name: "a", service: "b" } }],
  ["a=b", {
    span: [{ on: "attribute", scope: "any", key: "a", value: "b" }],
  }],
  ["a=1.5", {
    span: [{
      on: "anyOf",
      conditions: ["1.5", 1.5].map((value) =>
        ({ on: "attribute", scope: "any", key: "a", value }) as const
      ),
    }],
  }],
])("readTempoSearch() reads tags %s", (tags, question) => {
  expect(read({ tags }).filter).toMatchObject({ ...ANY_TRACE, ...question });
});

test.each([
  [{ q: "{", tags: "" }, "Cannot read the query"],
  [{ q: "{}", tags: "a=b" }, "not both"],
  [{ tags: 'a="b' }, "column 2"],
  [{ tags: "a=b a=c" }, "a comes twice"],
  [{ tags: "status=bad" }, "invalid status"],
  [{ start: "x" }, "invalid start"],
  [{ end: "-1" }, "invalid end"],
  [{ start: "200", end: "100" }, "must be before end, which is 100"],
  [{ start: "100", end: "100" }, "must be before end"],
  [{ minDuration: "5" }, "invalid minDuration"],
  [{ maxDuration: "x" }, "invalid maxDuration"],
  [{ minDuration: "2s", maxDuration: "1s" }, "invalid maxDuration"],
  [{ limit: "0" }, "invalid limit"],
  [{ spss: "x" }, "invalid spss"],
])("readTempoSearch() refuses %j", (parameters, reason) => {
  expect(refused(parameters)).toContain(reason);
});

test("readTempoSearch() takes each limit, and nothing beyond", () => {
  expect(read({ limit: `${MAX_TRACE_LIMIT}` }).limit).toBe(MAX_TRACE_LIMIT);
  expect(refused({ limit: `${MAX_TRACE_LIMIT + 1}` })).toContain("limit");
  expect(read({ spss: "100" }).spansPerSpanSet).toBe(MAX_SPANS_PER_SPAN_SET);
  expect(read({ spss: "0" }).spansPerSpanSet).toBe(MAX_SPANS_PER_SPAN_SET);
  expect(refused({ spss: `${MAX_SPANS_PER_SPAN_SET + 1}` })).toContain("spss");
  const tags = Array.from({ length: MAX_CONDITIONS }, (_, at) => `k${at}=v`);
  expect(read({ tags: tags.join(" ") }).filter.span).toHaveLength(64);
  expect(refused({ tags: [...tags, "k=v"].join(" ") })).toContain("at most 64");
});

const key = fc.stringMatching(/^[a-z._]{1,8}$/);

test("readLogfmt() reads what is written, and never throws", () => {
  fc.assert(fc.property(
    fc.dictionary(key, fc.string({ unit: "grapheme" }), {
      noNullPrototype: true,
    }),
    (pairs) => {
      const entries = Object.entries(pairs);
      const text = entries
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ");
      expect(readLogfmt(text)).toEqual({ ok: true, pairs: new Map(entries) });
    },
  ));
  fc.assert(fc.property(fc.string(), (text) => {
    expect(readLogfmt(text)).toHaveProperty("ok");
  }));
});
