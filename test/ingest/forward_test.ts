import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  forwardCounters,
  forwardToTempo,
  MAX_PENDING_FORWARD_BYTES,
} from "../../src/ingest/forward.ts";
import type { TempoTarget } from "../../src/ingest/tempo_target.ts";
import { HttpSink } from "../harness/http_sink.ts";

let sink: HttpSink;
let target: TempoTarget;
let logged: string[];

beforeEach(async () => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    logged.push(line);
  });
  sink = await HttpSink.start();
  target = { url: `${sink.url}/v1/traces`, headers: {} };
});

afterEach(async () => {
  vi.restoreAllMocks();
  await sink.stop();
});

function received(
  body: Uint8Array<ArrayBuffer>,
  contentEncoding: string | null = null,
) {
  return { body, contentType: "application/x-protobuf", contentEncoding };
}

test("forwardToTempo() posts the bytes and their headers as they came", async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i * 31 % 251);
  const compressed = new Uint8Array(gzipSync(bytes));
  const headers = { authorization: "Basic YTpi", "x-scope-orgid": "shop" };
  const before = forwardCounters();
  await forwardToTempo(received(compressed, "gzip"), { ...target, headers });
  expect(sink.requests.length).toBe(1);
  expect(sink.requests[0]?.method).toBe("POST");
  expect(sink.requests[0]?.path).toBe("/v1/traces");
  expect(sink.requests[0]?.headers).toMatchObject({
    ...headers,
    "content-type": "application/x-protobuf",
    "content-encoding": "gzip",
    "content-length": String(compressed.length),
  });
  expect(sink.requests[0]?.body).toEqual(compressed);
  expect(forwardCounters().forwarded).toBe(before.forwarded + 1);
  expect(logged).toEqual([]);
});

test("forwardToTempo() keeps the type's parameters and adds no coding", async () => {
  const contentType = "application/json; charset=utf-8";
  const body = new TextEncoder().encode('{"resourceSpans":[]}');
  const request = { body, contentType, contentEncoding: null };
  await forwardToTempo(request, target);
  expect(sink.requests[0]?.headers["content-type"]).toBe(contentType);
  expect(sink.requests[0]?.headers).not.toHaveProperty("content-encoding");
});

test("forwardToTempo() sends a view's bytes, not what is around it", async () => {
  const body = Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 4);
  await forwardToTempo(received(body), target);
  expect(sink.requests[0]?.body).toEqual(Uint8Array.of(2, 3, 4));
});

test.each([302, 400, 401, 429, 500, 503])(
  "forwardToTempo() counts and logs status %i, and tries once",
  async (answered) => {
    sink.answer = answered;
    const before = forwardCounters();
    await forwardToTempo(received(Uint8Array.of(1)), target);
    expect(sink.requests.length).toBe(1);
    expect(forwardCounters()).toMatchObject({
      forwarded: before.forwarded,
      failed: before.failed + 1,
      pendingBytes: 0,
      lastError: expect.stringContaining(String(answered)),
    });
    expect(logged.map((line) => JSON.parse(line).event))
      .toEqual(["forward_failed"]);
  },
);

test("forwardToTempo() counts a target that cannot be reached", async () => {
  const before = forwardCounters();
  const nowhere = { url: "http://127.0.0.1:1/v1/traces", headers: {} };
  await forwardToTempo(received(Uint8Array.of(1)), nowhere);
  expect(forwardCounters().failed).toBe(before.failed + 1);
});

test("forwardToTempo() gives up on a target that never answers", async () => {
  sink.answer = "hang";
  const before = forwardCounters();
  const request = received(Uint8Array.of(1, 2));
  await forwardToTempo(request, target, { timeoutMs: 50 });
  expect(sink.requests.length).toBe(1);
  expect(forwardCounters().failed).toBe(before.failed + 1);
  expect(forwardCounters().pendingBytes).toBe(0);
});

test("forwardToTempo() holds MAX_PENDING_FORWARD_BYTES at most", async () => {
  sink.answer = "hang";
  const before = forwardCounters();
  const most = received(new Uint8Array(MAX_PENDING_FORWARD_BYTES));
  const held = forwardToTempo(most, target, { timeoutMs: 50 });
  expect(forwardCounters().pendingBytes).toBe(MAX_PENDING_FORWARD_BYTES);
  await forwardToTempo(received(Uint8Array.of(1)), target);
  expect(forwardCounters().failed).toBe(before.failed + 1);
  expect(forwardCounters().lastError).toContain("Cannot forward 1 bytes");
  await held;
  expect(forwardCounters().failed).toBe(before.failed + 2);
  expect(forwardCounters().pendingBytes).toBe(0);
});
