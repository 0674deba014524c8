import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../src/gateway/gateway.ts";
import { HttpSink } from "../harness/http_sink.ts";

const HOST = "127.0.0.1";
const MAX_BYTES = 100_000;

let upstream: HttpSink;
let gateway: Gateway;

beforeEach(async () => {
  upstream = await HttpSink.start();
  gateway = await startGateway({
    url: `${upstream.url}/below/`,
    key: "of-the-gateway",
    grpc: null,
    http: { host: HOST, port: 0 },
    maxMessageBytes: MAX_BYTES,
    stopWithinMs: 500,
  });
});
afterEach(async () => {
  await gateway.close();
  await upstream.stop();
});

test("POST /v1/traces passes body and headers on, and the answer back", async () => {
  const answer = randomBytes(500);
  upstream.answer = {
    status: 200,
    headers: {
      "content-type": "application/x-protobuf",
      "access-control-allow-origin": "https://shop.example",
      "x-request-id": "r-1",
      "set-cookie": "a=b",
    },
    body: answer,
  };
  const body = randomBytes(50_000);
  const headers = {
    "content-type": "application/x-protobuf",
    "content-encoding": "gzip",
    authorization: "Bearer of-the-caller",
    origin: "https://shop.example",
    cookie: "c=1",
  };
  const response = await post(body, headers);
  expect(Buffer.from(await response.arrayBuffer())).toEqual(answer);
  expect(response.headers.get("x-request-id")).toBe("r-1");
  expect(response.headers.get("access-control-allow-origin"))
    .toBe("https://shop.example");
  expect(response.headers.get("set-cookie")).toBe(null);
  const [got] = upstream.requests;
  expect(Buffer.from(got?.body ?? [])).toEqual(body);
  expect(got?.path).toBe("/below/v1/traces");
  const { cookie: _, ...passed } = headers;
  expect(got?.headers).toMatchObject(passed);
  expect(got?.headers.cookie).toBe(undefined);
});

test("POST /v1/traces adds the gateway's key where the caller has none", async () => {
  await post(Buffer.from("{}"));
  await post(Buffer.from("{}"), { "x-tracecore-key": "tck" });
  await post(Buffer.from("{}"), {}, "?key=tck");
  const keys = upstream.requests.map(({ headers, path }) =>
    `${path} ${headers.authorization} ${headers["x-tracecore-key"]}`
  );
  expect(keys).toEqual([
    "/below/v1/traces Bearer of-the-gateway undefined",
    "/below/v1/traces undefined tck",
    "/below/v1/traces?key=tck undefined undefined",
  ]);
});

test("OPTIONS /v1/traces passes through, without a key", async () => {
  upstream.answer = {
    status: 204,
    headers: { "access-control-allow-headers": "content-type" },
  };
  const response = await fetch(`${gateway.httpUrl}/v1/traces`, {
    method: "OPTIONS",
    headers: {
      origin: "https://shop.example",
      "access-control-request-method": "POST",
    },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get("access-control-allow-headers"))
    .toBe("content-type");
  expect(upstream.requests[0]?.headers).toMatchObject({
    origin: "https://shop.example",
  });
  expect(upstream.requests[0]?.headers.authorization).toBe(undefined);
});

test("POST /v1/traces passes refusals back as they are", async () => {
  upstream.answer = {
    status: 429,
    headers: { "retry-after": "7", "content-type": "application/json" },
    body: `{"code":8}`,
  };
  const response = await post(Buffer.from("{}"));
  expect(response.status).toBe(429);
  expect(response.headers.get("retry-after")).toBe("7");
  expect(await response.text()).toBe(`{"code":8}`);
});

test("POST /v1/traces takes bodies up to the limit, announced or not", async () => {
  for (const [length, status] of [[MAX_BYTES, 200], [MAX_BYTES + 1, 413]]) {
    const body = Buffer.alloc(length ?? 0);
    expect((await post(body)).status).toBe(status);
    const streamed = await fetch(`${gateway.httpUrl}/v1/traces`, {
      method: "POST",
      body: Readable.toWeb(Readable.from([body])) as ReadableStream,
      duplex: "half",
    } as RequestInit);
    expect(streamed.status).toBe(status);
  }
  expect(upstream.requests).toHaveLength(2);
});

test("POST /v1/traces is a 503 with Retry-After while the Worker is gone", async () => {
  const port = Number(new URL(upstream.url).port);
  await upstream.stop();
  const response = await post(Buffer.from("{}"));
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({
    code: 14,
    message: expect.stringContaining("ECONNREFUSED"),
  });
  upstream = await HttpSink.start(port);
  expect((await post(Buffer.from("{}"))).status).toBe(200);
});

test("GET /health tells the gateway's state, and the Worker's", async () => {
  const health = await fetch(`${gateway.httpUrl}/health`);
  expect(health.status).toBe(200);
  expect(await health.json()).toEqual({
    status: "ok",
    gateway: { status: "ok", requests_in_flight: 0, bytes_in_flight: 0 },
    upstream: { url: `${upstream.url}/below`, status: "ok", reason: null },
  });
  await upstream.stop();
  await expect.poll(
    async () => (await fetch(`${gateway.httpUrl}/health`)).status,
    { timeout: 5_000 },
  ).toBe(503);
  upstream = await HttpSink.start();
});

test("other paths are 404, and say where to go", async () => {
  for (const path of ["/", "/v1/metrics", "/v1/traces/x"]) {
    const response = await fetch(`${gateway.httpUrl}${path}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      message: expect.stringContaining(`${upstream.url}/below`),
    });
  }
  expect(upstream.requests).toHaveLength(0);
});

function post(
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  query = "",
): Promise<Response> {
  return fetch(`${gateway.httpUrl}/v1/traces${query}`, {
    method: "POST",
    headers,
    body,
  });
}
