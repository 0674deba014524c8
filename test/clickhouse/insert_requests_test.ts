import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ClickHouseTarget } from "../../src/clickhouse/clickhouse_target.ts";
import {
  type InsertOptions,
  insertRequests,
} from "../../src/clickhouse/insert_requests.ts";
import { clickhouseRow } from "../../src/clickhouse/row.ts";
import type { ReceivedRequest } from "../../src/outbox/received_request.ts";
import { HttpSink, type SinkAnswer } from "../harness/http_sink.ts";
import { spanOf, wholeSpan } from "./sample_spans.ts";

let sink: HttpSink;
let target: ClickHouseTarget;

beforeEach(async () => {
  sink = await HttpSink.start();
  target = {
    name: "clickhouse",
    url: `${sink.url}/proxied/`,
    user: "writer",
    password: "a-secret-password",
    database: "otel",
    table: "otel_traces",
  };
});
afterEach(() => sink.stop());

function requestOf(spans: number): ReceivedRequest {
  return {
    body: Uint8Array.of(spans),
    contentType: "application/x-protobuf",
    contentEncoding: null,
  };
}

/** Each body says how many spans it has; 0 is no body. */
function insert(
  requests: readonly ReceivedRequest[],
  options: Partial<InsertOptions> = {},
) {
  return insertRequests({ requests, token: "1-2-3" }, {
    target,
    tenant: "a shop",
    readSpans: ([count = 0]) => {
      if (count === 0) throw new RangeError("it ends too early");
      return Array.from(
        { length: count },
        (_, at) => at === 0 ? wholeSpan() : spanOf(),
      );
    },
    maxInflatedBytes: 1024,
    timeoutMs: 5000,
    ...options,
  });
}

async function failing(answer: SinkAnswer, timeoutMs = 5000) {
  sink.answer = answer;
  const { outcome } = await insert([requestOf(1)], { timeoutMs });
  if (outcome.kind === "delivered") throw new Error("It was delivered");
  return outcome;
}

test("insertRequests() posts the rows of all requests as one insert", async () => {
  expect(await insert([requestOf(2), requestOf(1)])).toEqual({
    outcome: { kind: "delivered", rejected: 0, message: "" },
    unreadable: [],
  });
  expect(sink.requests).toHaveLength(1);
  const [request] = sink.requests;
  const url = new URL(request?.path ?? "", sink.url);
  expect(url.pathname).toBe("/proxied/");
  expect(Object.fromEntries(url.searchParams)).toEqual({
    query: "INSERT INTO otel_traces FORMAT JSONEachRow",
    async_insert: "1",
    wait_for_async_insert: "1",
    async_insert_deduplicate: "1",
    input_format_skip_unknown_fields: "1",
    date_time_input_format: "best_effort",
    session_timezone: "UTC",
    wait_end_of_query: "1",
    insert_deduplication_token: "tracecore/a%20shop/1-2-3",
  });
  expect(request?.method).toBe("POST");
  expect(request?.headers).toMatchObject({
    "content-encoding": "gzip",
    "x-clickhouse-user": "writer",
    "x-clickhouse-key": "a-secret-password",
    "x-clickhouse-database": "otel",
  });
  const rows = gunzipSync(request?.body ?? "").toString().trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  expect(rows).toEqual(
    [wholeSpan(), spanOf(), wholeSpan()].map(clickhouseRow),
  );
});

test("insertRequests() tells by its place what cannot be read, and sends the rest", async () => {
  const { outcome, unreadable } = await insert([
    requestOf(0),
    requestOf(1),
    { ...requestOf(1), contentType: "text/plain" },
    { ...requestOf(1), contentEncoding: "gzip" },
    { ...requestOf(1), body: new Uint8Array(1025).fill(1) },
  ]);
  expect(outcome.kind).toBe("delivered");
  expect(unreadable.map(({ at }) => at)).toEqual([0, 2, 3, 4]);
  expect(unreadable[0]?.failure).toMatchObject({
    kind: "never",
    label: "unreadable",
    reason: "The stored request cannot be read into rows: it ends too early",
  });
  const body = gunzipSync(sink.requests[0]?.body ?? "").toString();
  expect(body.trimEnd().split("\n")).toHaveLength(1);
});

test("insertRequests() sends nothing where nothing can be read", async () => {
  const { outcome, unreadable } = await insert([requestOf(0)]);
  expect(outcome.kind).toBe("delivered");
  expect(unreadable).toHaveLength(1);
  expect(sink.requests).toEqual([]);
});

test.each<[string, SinkAnswer, string, string]>([
  ["a wrong password", exception(403, 516), "misconfigured", "exception_516"],
  ["no such table", exception(404, 60), "misconfigured", "exception_60"],
  ["too many queries", exception(500, 202), "away", "exception_202"],
  ["no memory", exception(500, 241), "away", "exception_241"],
  ["rows it cannot parse", exception(400, 27), "doubtful", "exception_27"],
  ["too many parts", exception(500, 252), "doubtful", "exception_252"],
  [
    "an unknown exception",
    exception(200, 99_999),
    "doubtful",
    "exception_99999",
  ],
  [
    "an exception with 200",
    exception(200, 60),
    "misconfigured",
    "exception_60",
  ],
  [
    "an exception in the text of 200",
    { status: 200, body: "Code: 60. DB::Exception: No such table" },
    "misconfigured",
    "exception_60",
  ],
  [
    "an exception behind the mark of newer servers",
    { status: 200, body: "\n__exception__\r\nabc\r\nbroken" },
    "doubtful",
    "exception_0",
  ],
  ["a proxy without a server", 502, "away", "502"],
  ["a body that is too large for a proxy", 413, "never", "413"],
  ["a redirect", 302, "misconfigured", "302"],
  ["a broken connection", "reset", "doubtful", "network"],
])("insertRequests() tells %s", async (_, answer, kind, label) => {
  expect(await failing(answer)).toMatchObject({ kind, label });
});

function exception(status: number, code: number): SinkAnswer {
  return {
    status,
    headers: { "X-ClickHouse-Exception-Code": String(code) },
    body: `Code: ${code}. DB::Exception: it failed`,
  };
}

test("insertRequests() gives up after timeoutMs", async () => {
  expect(await failing("hang", 50))
    .toMatchObject({ kind: "doubtful", label: "timeout" });
});

test("insertRequests() waits for as long as the server asks", async () => {
  const headers = { "retry-after": "7" };
  expect(await failing({ status: 503, headers }))
    .toMatchObject({ kind: "away", retryAfterMs: 7000 });
});

test("insertRequests() repeats neither the password nor the address", async () => {
  const said = `no a-secret-password at ${target.url}`;
  const { reason } = await failing({ status: 500, body: said });
  expect(reason).toBe("ClickHouse answered with status 500: no … at …");
});
