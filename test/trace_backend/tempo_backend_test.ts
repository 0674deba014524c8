import { afterEach, beforeEach, expect, test } from "vitest";
import { ANY_TRACE } from "../../src/search/trace_filter.ts";
import { writeProtobufSpans } from "../../src/spans/write_protobuf.ts";
import { traceByIdResponse } from "../../src/tempo/trace_by_id_response.ts";
import {
  askTempo,
  MAX_TEMPO_ANSWER_BYTES,
} from "../../src/trace_backend/ask_tempo.ts";
import {
  MAX_TEMPO_RANGE_NS,
  tempoBackend,
} from "../../src/trace_backend/tempo_backend.ts";
import type { TempoQuery } from "../../src/trace_backend/tempo_query.ts";
import type { TraceBackend } from "../../src/trace_backend/trace_backend.ts";
import { HttpSink, type SinkAnswer } from "../harness/http_sink.ts";
import { wholeSpan } from "../search/whole_span.ts";

const NOW_MS = 1_700_000_000_000;
const NOW_NS = BigInt(NOW_MS) * 1_000_000n;
const DAY_NS = 86_400_000_000_000n;
const ID = "0af7651916cd43dd8448eb211c80319c";

let sink: HttpSink;
let tempo: TempoQuery;
let backend: TraceBackend;

beforeEach(async () => {
  sink = await HttpSink.start();
  tempo = {
    target: {
      url: `${sink.url}/tempo/`,
      headers: { authorization: "Bearer s3cret-key" },
      orgId: "airdig-{tenant}",
    },
    tenant: "shop",
    nowMs: NOW_MS,
  };
  backend = tempoBackend(tempo);
});
afterEach(() => sink.stop());

test("loadTrace() asks /api/v2/traces/{id} for protobuf, as the tenant, and reads every span", async () => {
  const spans = [
    wholeSpan({ traceId: ID }),
    wholeSpan({ traceId: ID, spanId: "2".repeat(16) }),
  ];
  const body = traceByIdResponse(writeProtobufSpans(spans));
  sink.answer = { status: 200, body };
  expect(await backend.loadTrace(ID))
    .toEqual({ ok: true, found: { spans, warning: null } });
  expect(sink.requests).toMatchObject([{
    method: "GET",
    path: `/tempo/api/v2/traces/${ID}`,
    headers: {
      accept: "application/protobuf",
      authorization: "Bearer s3cret-key",
      "x-scope-orgid": "airdig-shop",
    },
  }]);
});

test("loadTrace() hands on what Tempo says of a trace that is not whole", async () => {
  const spans = [wholeSpan({})];
  sink.answer = {
    status: 200,
    body: traceByIdResponse(writeProtobufSpans(spans), { partial: "too big" }),
  };
  expect(await backend.loadTrace(ID)).toEqual({
    ok: true,
    found: { spans, warning: "it is not whole: too big" },
  });
});

test("loadTrace() takes a 404 for no trace", async () => {
  sink.answer = 404;
  expect(await backend.loadTrace(ID))
    .toEqual({ ok: true, found: { spans: [], warning: null } });
});

test("searchTraces() asks for the newest in whole seconds around the window", async () => {
  sink.answer = {
    status: 200,
    body: JSON.stringify({
      traces: [{
        traceID: ID.slice(1),
        rootServiceName: "web",
        startTimeUnixNano: "1700000000123456789",
        durationMs: 3,
        spanSets: [],
      }],
      metrics: {},
    }),
  };
  const filter = {
    ...ANY_TRACE,
    failed: true,
    fromNs: 1_700_000_000_999_999_999n,
    toNs: 1_700_000_001_000_000_001n,
  };
  const answer = await backend.searchTraces(filter, 7);
  expect(answer).toMatchObject({
    ok: true,
    found: {
      traces: [{ startNs: 1_700_000_000_123_456_789n }],
      fromNs: filter.fromNs,
    },
  });
  const [request] = sink.requests;
  const { pathname, searchParams } = new URL(request?.path ?? "", sink.url);
  expect(pathname).toBe("/tempo/api/search");
  expect(Object.fromEntries(searchParams)).toEqual({
    q: "{ } && { status = error } with (most_recent=true)",
    start: "1700000000",
    end: "1700000002",
    limit: "7",
    spss: "1",
  });
});

test.each([
  // A window of a week is one question; of a nanosecond more, the newest week.
  [NOW_NS - MAX_TEMPO_RANGE_NS, NOW_NS, NOW_NS - MAX_TEMPO_RANGE_NS],
  [NOW_NS - MAX_TEMPO_RANGE_NS - 1n, NOW_NS, NOW_NS - MAX_TEMPO_RANGE_NS],
  [0n, 2n ** 64n, NOW_NS + DAY_NS - MAX_TEMPO_RANGE_NS],
  [0n, 1n, 0n],
])(
  "searchTraces() looks back a week at once: from %s to %s it looks from %s",
  async (fromNs, toNs, lookedFromNs) => {
    sink.answer = { status: 200, body: "{}" };
    const answer = await backend.searchTraces(
      { ...ANY_TRACE, fromNs, toNs },
      1,
    );
    expect(answer).toEqual({
      ok: true,
      found: { traces: [], fromNs: lookedFromNs },
    });
    const path = sink.requests[0]?.path ?? "";
    const { searchParams } = new URL(path, sink.url);
    const start = Number(searchParams.get("start"));
    const end = Number(searchParams.get("end"));
    expect(start).toBeGreaterThan(0);
    expect(end).toBeLessThan(2 ** 32);
    expect(end - start).toBeLessThanOrEqual(7 * 86_400);
  },
);

test("searchTraces() does not ask Tempo of a window that lies in the future", async () => {
  const fromNs = NOW_NS + 2n * DAY_NS;
  const filter = { ...ANY_TRACE, fromNs, toNs: fromNs + 1n };
  expect(await backend.searchTraces(filter, 1))
    .toEqual({ ok: true, found: { traces: [], fromNs } });
  expect(sink.requests).toEqual([]);
});

test("searchTraces() takes an answer without traces", async () => {
  const filter = { ...ANY_TRACE, fromNs: 0n, toNs: 1n };
  for (const body of ['{"traces":[]}', '{"metrics":{}}', '{"traces":null}']) {
    sink.answer = { status: 200, body };
    expect(await backend.searchTraces(filter, 1))
      .toEqual({ ok: true, found: { traces: [], fromNs: 0n } });
  }
});

const FAULTS: readonly (readonly [SinkAnswer, string])[] = [
  [
    { status: 500, body: "error querying ingesters: key s3cret-key refused" },
    "it answered with status 500: error querying ingesters: key … refused",
  ],
  [
    { status: 401, body: "no org id" },
    "it answered with status 401: no org id",
  ],
  [
    { status: 302, headers: { location: "/login" } },
    "it answered with status 302",
  ],
  [
    { status: 404, body: "404 page not found\n" },
    "it answered with status 404: 404 page not found",
  ],
  ["reset", "it cannot be reached: "],
  [{ status: 200, body: "<html>" }, "it answered something else than "],
  [
    { status: 200, body: '{"traces":[{"traceID":"x"}]}' },
    "it answered something else than ",
  ],
];

test.each(FAULTS)(
  "tempoBackend() says what is wrong with %j",
  async (answer, reason) => {
    sink.answer = answer;
    const filter = { ...ANY_TRACE, fromNs: 0n, toNs: 1n };
    for (
      const asked of [backend.loadTrace(ID), backend.searchTraces(filter, 1)]
    ) {
      const said = await asked;
      expect(said.ok ? "" : said.reason).toContain(reason);
      expect(said.ok ? "" : said.reason).not.toContain("s3cret");
      expect(said.ok ? "" : said.reason).not.toContain(sink.url.slice(7));
    }
  },
);

test("askTempo() takes MAX_TEMPO_ANSWER_BYTES, and no byte more", async () => {
  const question = {
    path: "/api/echo",
    parameters: {},
    accept: "application/json",
  } as const;
  sink.answer = { status: 200, body: new Uint8Array(MAX_TEMPO_ANSWER_BYTES) };
  const whole = await askTempo(tempo, question);
  expect(whole.ok && whole.found?.length).toBe(MAX_TEMPO_ANSWER_BYTES);
  sink.answer = {
    status: 200,
    body: new Uint8Array(MAX_TEMPO_ANSWER_BYTES + 1),
  };
  expect(await askTempo(tempo, question)).toEqual({
    ok: false,
    reason: `it answered with more than ${MAX_TEMPO_ANSWER_BYTES} bytes`,
  });
});

test("askTempo() gives up after its time", async () => {
  sink.answer = "hang";
  expect(
    await askTempo(tempo, {
      path: "/api/echo",
      parameters: {},
      accept: "application/json",
      timeoutMs: 50,
    }),
  ).toEqual({ ok: false, reason: "it has not answered within 50 ms" });
});
