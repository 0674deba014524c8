import { afterEach, beforeEach, expect, test } from "vitest";
import { byteStringOfHex } from "../../src/codec/byte_string.ts";
import { ANY_TRACE } from "../../src/search/trace_filter.ts";
import { clickhouseBackend } from "../../src/trace_backend/clickhouse_backend.ts";
import type { TraceBackend } from "../../src/trace_backend/trace_backend.ts";
import { HttpSink } from "../harness/http_sink.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const FILTER = { ...ANY_TRACE, fromNs: 0n, toNs: 1n };

let sink: HttpSink;
let backend: TraceBackend;

beforeEach(async () => {
  sink = await HttpSink.start();
  backend = clickhouseBackend({
    name: "clickhouse",
    url: `${sink.url}/`,
    user: "reader",
    password: "",
    database: "otel",
    table: "otel_traces",
  });
});
afterEach(() => sink.stop());

test("searchTraces() tells where ClickHouse's traces stand, but for those whose id is none", async () => {
  const row = { start_ns: "7", duration_ns: "1" };
  const rows = [{ trace_id: ID, ...row }, { trace_id: "other", ...row }];
  const body = rows.map((one) => JSON.stringify(one)).join("\n");
  sink.answer = { status: 200, body };
  expect(await backend.searchTraces(FILTER, 5)).toEqual({
    ok: true,
    found: {
      traces: [{ traceId: byteStringOfHex(ID), startNs: 7n }],
      fromNs: 0n,
    },
  });
});

test("loadTrace() has no spans of a trace that ClickHouse does not have", async () => {
  expect(await backend.loadTrace(ID))
    .toEqual({ ok: true, found: { spans: [], warning: null } });
});

test("clickhouseBackend() hands on what ClickHouse says is wrong", async () => {
  sink.answer = {
    status: 404,
    headers: { "x-clickhouse-exception-code": "60" },
    body: "Code: 60. DB::Exception: Unknown table otel_traces",
  };
  const asked = [backend.loadTrace(ID), backend.searchTraces(FILTER, 1)];
  for (const said of await Promise.all(asked)) {
    expect(said.ok ? "" : said.reason).toContain("Unknown table otel_traces");
  }
});
