import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ClickHouseTarget } from "../../src/clickhouse/clickhouse_target.ts";
import { MAX_RESULT_BYTES } from "../../src/clickhouse/post_to_clickhouse.ts";
import { loadTrace, searchTraces } from "../../src/clickhouse/queries.ts";
import { searchQuery } from "../../src/clickhouse/search_query.ts";
import {
  ANY_TRACE,
  type SpanCondition,
} from "../../src/search/trace_filter.ts";
import { HttpSink, type SinkAnswer } from "../harness/http_sink.ts";
import { HOSTILE_TEXTS } from "./sample_spans.ts";

let sink: HttpSink;
let target: ClickHouseTarget;

beforeEach(async () => {
  sink = await HttpSink.start();
  target = {
    name: "clickhouse",
    url: `${sink.url}/`,
    user: "reader",
    password: "",
    database: "otel",
    table: "otel_traces",
  };
});
afterEach(() => sink.stop());

const ANY = {
  span: [],
  root: ANY_TRACE.root,
  failed: null,
  minDurationNs: null,
  maxDurationNs: null,
  fromNs: 0n,
  toNs: 1n,
};

function conditions(text: string): readonly SpanCondition[] {
  return [
    { on: "name", name: text },
    { on: "operation", operation: text },
    {
      on: "service",
      service: { name: text, namespace: text, environment: text },
    },
    { on: "resource", id: text },
    { on: "attribute", scope: "any", key: text, value: text },
  ];
}

test("searchQuery() has the same SQL whatever is asked for", () => {
  const asked = (text: string) =>
    searchQuery({ ...ANY, span: conditions(text) }, { target, limit: 5 });
  const { sql } = asked("plain");
  fc.assert(fc.property(
    fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string()),
    (text) => {
      fc.pre(!text.includes("/"));
      expect(asked(text).sql).toBe(sql);
    },
  ));
  expect(sql).not.toContain("plain");
});

test("loadTrace() hands the id over as a parameter, and asks as the user without a password", async () => {
  const result = await loadTrace(target, "it's\t1\\");
  expect(result).toEqual({ ok: true, found: [] });
  const [request] = sink.requests;
  const url = new URL(request?.path ?? "", sink.url);
  expect(Object.fromEntries(url.searchParams))
    .toEqual({ param_p0: "it's\\t1\\\\", wait_end_of_query: "1" });
  expect(new TextDecoder().decode(request?.body)).not.toContain("it's");
  expect(request?.headers).toMatchObject({
    "x-clickhouse-user": "reader",
    "x-clickhouse-database": "otel",
  });
  expect(request?.headers).not.toHaveProperty("x-clickhouse-key");
});

test("searchTraces() yields the traces that are found", async () => {
  sink.answer = {
    status: 200,
    body:
      '{"trace_id":"aa","start_ns":"1767323045123456789","duration_ns":"5"}\n',
  };
  expect(await searchTraces(ANY, { target, limit: 1 })).toEqual({
    ok: true,
    found: [{
      traceId: "aa",
      startNs: 1_767_323_045_123_456_789n,
      durationNs: 5n,
    }],
  });
});

test.each<[string, SinkAnswer, string]>([
  ["an exception", {
    status: 200,
    headers: { "x-clickhouse-exception-code": "60" },
    body: "",
  }, "misconfigured"],
  ["rows of another table", { status: 200, body: '{"a":1}' }, "misconfigured"],
  ["what is no JSON", { status: 200, body: "<html>" }, "misconfigured"],
  ["a server that is away", 503, "away"],
  ["more than MAX_RESULT_BYTES", {
    status: 200,
    body: new Uint8Array(MAX_RESULT_BYTES + 1).fill(10),
  }, "never"],
])("loadTrace() tells %s", async (_, answer, kind) => {
  sink.answer = answer;
  expect(await loadTrace(target, "aa"))
    .toMatchObject({ ok: false, failure: { kind } });
});

test("loadTrace() takes an answer of MAX_RESULT_BYTES", async () => {
  const body = new Uint8Array(MAX_RESULT_BYTES).fill(10);
  sink.answer = { status: 200, body };
  expect(await loadTrace(target, "aa")).toEqual({ ok: true, found: [] });
});
