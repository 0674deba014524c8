import { expect, test } from "vitest";
import type { ServedRequest } from "../../src/http/served_request.ts";
import { RequestRecord } from "../../src/http/request_record.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { counterBook } from "../../src/telemetry/counters.ts";
import { selfExport } from "../../src/telemetry/self_export.ts";
import {
  MAX_SELF_SPANS,
  SelfSpanBook,
} from "../../src/telemetry/self_span_book.ts";
import { selfSpans } from "../../src/telemetry/self_span.ts";

const PARENT = { traceId: "a".repeat(32), spanId: "b".repeat(16) };

async function served(status = 200): Promise<ServedRequest> {
  const record = new RequestRecord("id-1", Date.now());
  await record.step("receive", () => Promise.resolve());
  await record.step("deliver", () => Promise.reject(new Error("no")))
    .catch(() => undefined);
  return {
    method: "POST",
    route: "/v1/traces",
    path: "/v1/traces",
    status,
    endMs: record.startMs + 25,
    caller: null,
    bytesIn: 120,
    refusal: null,
    record,
  };
}

function numbers(): (bytes: number) => string {
  let next = 0;
  return (bytes) => String(++next).padStart(bytes * 2, "0");
}

test("selfSpans() makes a server span, and one inside for each step", async () => {
  const options = { parent: null, randomHex: numbers() };
  const [server, receive, deliver, ...more] = selfSpans(
    await served(),
    options,
  );
  expect(server).toMatchObject({
    traceId: "1".padStart(32, "0"),
    parentId: "",
    name: "POST /v1/traces",
    kind: SpanKind.SERVER,
    failed: false,
    attributes: {
      "http.request.method": "POST",
      "http.route": "/v1/traces",
      "http.response.status_code": 200,
    },
  });
  expect((server?.endMs ?? 0) - (server?.startMs ?? 0)).toBe(25);
  expect([receive, deliver]).toMatchObject([
    { name: "receive", kind: SpanKind.INTERNAL, failed: false },
    { name: "deliver", kind: SpanKind.INTERNAL, failed: true },
  ]);
  for (const step of [receive, deliver]) {
    expect(step?.traceId).toBe(server?.traceId);
    expect(step?.parentId).toBe(server?.spanId);
  }
  expect(more).toEqual([]);
});

test("selfSpans() joins the caller's trace, and fails with status 500 and above", async () => {
  const options = { parent: PARENT, randomHex: numbers() };
  const [fine] = selfSpans(await served(499), options);
  expect(fine).toMatchObject({
    traceId: PARENT.traceId,
    parentId: PARENT.spanId,
    failed: false,
  });
  const [broken] = selfSpans(await served(500), options);
  expect(broken?.failed).toBe(true);
});

test("selfSpans() names no path that has no route", async () => {
  const odd = { ...await served(404), route: null, path: "/secret" };
  const options = { parent: null, randomHex: numbers() };
  const [server] = selfSpans(odd, options);
  expect(server?.name).toBe("POST");
  expect(JSON.stringify(server)).not.toContain("secret");
});

test("selfExport() is read as a request of any SDK", async () => {
  const options = { parent: PARENT, randomHex: numbers() };
  const spans = selfSpans(await served(503), options);
  const read = readTracesJson(selfExport(spans, "1.2.3"));
  if (!read.ok) throw new Error(read.reason);
  expect(read.batch.rejected).toBe(0);
  expect(read.batch.spans).toMatchObject([
    {
      name: "POST /v1/traces",
      kind: SpanKind.SERVER,
      status: StatusCode.ERROR,
      durationNs: 25e6,
      resource: { serviceName: "tracecore" },
      attributes: { httpRoute: "/v1/traces", httpRequestMethod: "POST" },
    },
    { name: "receive", kind: SpanKind.INTERNAL, status: StatusCode.UNSET },
    { name: "deliver", kind: SpanKind.INTERNAL, status: StatusCode.ERROR },
  ]);
});

test("SelfSpanBook.add() has room for MAX_SELF_SPANS, and counts what it drops", async () => {
  const options = { parent: null, randomHex: numbers() };
  const [span] = selfSpans(await served(), options);
  if (span === undefined) throw new Error("There is no span");
  const book = new SelfSpanBook();
  counterBook.drain();
  book.add(Array.from({ length: MAX_SELF_SPANS - 1 }, () => span));
  book.add([span, span]);
  book.add([span]);
  expect(counterBook.drain().get("")).toEqual([
    { counter: "dropped_self_spans", reason: "limit", amount: 2 },
  ]);
  expect(book.drain().length).toBe(MAX_SELF_SPANS);
  expect(book.drain()).toEqual([]);
  book.add([span]);
  expect(book.drain().length).toBe(1);
});
