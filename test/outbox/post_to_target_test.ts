import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { OtlpTarget } from "../../src/outbox/otlp_target.ts";
import {
  MAX_ANSWER_BYTES,
  MAX_REPEATED_ANSWER,
} from "../../src/outbox/answer_text.ts";
import { postToTarget } from "../../src/outbox/post_to_target.ts";
import type { ReceivedRequest } from "../../src/outbox/received_request.ts";
import { HttpSink } from "../harness/http_sink.ts";

let sink: HttpSink;
let target: OtlpTarget;

beforeEach(async () => {
  sink = await HttpSink.start();
  target = {
    name: "tempo",
    url: `${sink.url}/v1/traces?token=in-the-url`,
    headers: { authorization: "Bearer a-secret-token" },
    orgId: "org-{tenant}",
  };
});
afterEach(() => sink.stop());

function received(
  body: Uint8Array<ArrayBuffer> = Uint8Array.of(1),
  contentEncoding: string | null = null,
): ReceivedRequest {
  return { body, contentType: "application/x-protobuf", contentEncoding };
}

function post(
  request = received(),
  to: Partial<OtlpTarget> = {},
  timeoutMs = 5000,
) {
  return postToTarget(request, {
    target: { ...target, ...to },
    tenant: "shop",
    timeoutMs,
  });
}

test("postToTarget() posts the bytes and their headers as they came", async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i * 31 % 251);
  const compressed = new Uint8Array(gzipSync(bytes));
  expect(await post(received(compressed, "gzip")))
    .toEqual({ kind: "delivered", rejected: 0, message: "" });
  expect(sink.requests).toHaveLength(1);
  expect(sink.requests[0]).toMatchObject({
    method: "POST",
    path: "/v1/traces?token=in-the-url",
    headers: {
      authorization: "Bearer a-secret-token",
      "x-scope-orgid": "org-shop",
      "content-type": "application/x-protobuf",
      "content-encoding": "gzip",
      "content-length": String(compressed.length),
    },
  });
  expect(sink.requests[0]?.body).toEqual(compressed);
});

test("postToTarget() keeps the type's parameters and adds no coding and no tenant", async () => {
  const contentType = "application/json; charset=utf-8";
  await post({ ...received(), contentType }, { orgId: null });
  expect(sink.requests[0]?.headers["content-type"]).toBe(contentType);
  expect(sink.requests[0]?.headers).not.toHaveProperty("content-encoding");
  expect(sink.requests[0]?.headers).not.toHaveProperty("x-scope-orgid");
});

test("postToTarget() sends a view's bytes, not what is around it", async () => {
  await post(received(Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 4)));
  expect(sink.requests[0]?.body).toEqual(Uint8Array.of(2, 3, 4));
});

test("postToTarget() reads what the target refused of what it took", async () => {
  sink.answer = {
    status: 200,
    headers: { "content-type": "application/json" },
    body: '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}',
  };
  expect(await post())
    .toEqual({ kind: "delivered", rejected: 3, message: "too old" });
});

test.each([
  [MAX_ANSWER_BYTES, 3],
  [MAX_ANSWER_BYTES + 1, 0],
])(
  "postToTarget() reads of an answer of %d bytes that %d spans were refused",
  async (bytes, rejected) => {
    sink.answer = {
      status: 200,
      headers: { "content-type": "application/json" },
      body: '{"partialSuccess":{"rejectedSpans":"3"}}'.padStart(bytes),
    };
    expect(await post()).toMatchObject({ kind: "delivered", rejected });
  },
);

test("postToTarget() follows no redirect, so that no key goes elsewhere", async () => {
  sink.answer = { status: 307, headers: { location: `${sink.url}/other` } };
  expect(await post()).toMatchObject({ kind: "misconfigured", status: 307 });
  expect(sink.requests).toHaveLength(1);
});

test("postToTarget() says what the target said, on one line, and no secret", async () => {
  sink.answer = {
    status: 400,
    body: `\x08\x03 bad\nid for a-secret-token at ${target.url} ${
      "x".repeat(999)
    }`,
  };
  const outcome = await post();
  expect(outcome).toMatchObject({ kind: "never", status: 400, label: "400" });
  const reason = outcome.kind === "delivered" ? "" : outcome.reason;
  expect(reason).toContain("status 400: bad id for …");
  expect(reason).not.toMatch(/secret|in-the-url/);
  expect(reason.length).toBeLessThan(MAX_REPEATED_ANSWER + 60);
});

test("postToTarget() reads Retry-After", async () => {
  sink.answer = { status: 429, headers: { "retry-after": "17" } };
  expect(await post())
    .toMatchObject({ kind: "away", label: "429", retryAfterMs: 17_000 });
});

test("postToTarget() doubts one that cannot be reached", async () => {
  const url = "http://127.0.0.1:1/v1/traces";
  const outcome = await post(received(), { url });
  expect(outcome).toMatchObject({
    kind: "doubtful",
    label: "network",
    status: null,
  });
  expect(JSON.stringify(outcome)).not.toContain("127.0.0.1:1");
});

test("postToTarget() doubts one that breaks the connection", async () => {
  sink.answer = "reset";
  expect(await post()).toMatchObject({ kind: "doubtful", label: "network" });
  expect(sink.requests).toHaveLength(1);
});

test("postToTarget() gives up on one that never answers", async () => {
  sink.answer = "hang";
  expect(await post(received(), {}, 50))
    .toMatchObject({ kind: "doubtful", label: "timeout" });
  expect(sink.requests).toHaveLength(1);
});
