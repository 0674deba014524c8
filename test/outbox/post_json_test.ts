import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JsonTarget } from "../../src/outbox/json_target.ts";
import { postJson } from "../../src/outbox/post_json.ts";
import { HttpSink } from "../harness/http_sink.ts";

let sink: HttpSink;

beforeEach(async () => sink = await HttpSink.start());
afterEach(() => sink.stop());

const request = {
  body: new Uint8Array(new TextEncoder().encode('{"a":"ä"}')),
  contentType: "application/json",
  contentEncoding: null,
  idempotencyKey: "a-key",
};

function post(other: Partial<JsonTarget> = {}) {
  const target: JsonTarget = {
    name: "webhook",
    url: `${sink.url}/hook?token=in-the-url`,
    headers: { authorization: "Bearer a-secret-token" },
    secret: null,
    ...other,
  };
  return postJson(request, { target, timeoutMs: 5000 });
}

test("postJson() posts the body with its key, and takes any 2xx for taken", async () => {
  sink.answer = { status: 202, body: '{"partialSuccess":{"rejectedSpans":2}}' };
  expect(await post())
    .toEqual({ kind: "delivered", rejected: 0, message: "" });
  expect(sink.requests).toMatchObject([{
    method: "POST",
    path: "/hook?token=in-the-url",
    headers: {
      authorization: "Bearer a-secret-token",
      "content-type": "application/json",
      "idempotency-key": "a-key",
    },
    body: request.body,
  }]);
  expect(sink.requests[0]?.headers).not.toHaveProperty(
    "x-tracecore-signature-256",
  );
});

test("postJson() signs with the target's secret", async () => {
  await post({ secret: "sixteen-or-more-x" });
  const hmac = createHmac("sha256", "sixteen-or-more-x").update(request.body);
  expect(sink.requests[0]?.headers["x-tracecore-signature-256"])
    .toBe(`sha256=${hmac.digest("hex")}`);
});

test("postJson() says what a target answered, without its address and keys", async () => {
  sink.answer = { status: 400, body: "no: Bearer a-secret-token in-the-url" };
  const outcome = await post();
  expect(outcome).toMatchObject({ kind: "never", status: 400 });
  expect(JSON.stringify(outcome)).not.toContain("secret-token");
});
