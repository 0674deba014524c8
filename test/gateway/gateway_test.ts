import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { google } from "../../proto/generated/otlp.js";
import {
  type Gateway,
  type GatewayOptions,
  MAX_GRPC_MESSAGE_BYTES,
  startGateway,
} from "../../src/gateway/gateway.ts";
import { GatewayError } from "../../src/gateway/gateway_error.ts";
import { GZIP_ABOVE_BYTES } from "../../src/gateway/grpc_export.ts";
import { MAX_MESSAGE_LENGTH } from "../../src/gateway/grpc_failure.ts";
import {
  HEALTH_SERVICE,
  TRACE_SERVICE,
} from "../../src/gateway/grpc_services.ts";
import { MAX_CONNECTION_CALLS } from "../../src/gateway/grpc_side.ts";
import {
  MAX_ANSWER_BYTES,
  MAX_UPSTREAM_CONNECTIONS,
} from "../../src/gateway/upstream.ts";
import {
  HttpSink,
  type SinkAnswer,
  type SunkRequest,
  type WholeAnswer,
} from "../harness/http_sink.ts";
import { GZIP, TraceClient } from "./trace_client.ts";

const PROTOBUF = { "content-type": "application/x-protobuf" };
const HOST = "127.0.0.1";
const MESSAGE = Buffer.from([0x0a, 0]);

let upstream: HttpSink;
const open: { close(): unknown }[] = [];

beforeEach(async () => {
  upstream = await HttpSink.start();
  upstream.answer = { status: 200, headers: PROTOBUF };
});
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
  await upstream.stop();
});

test("Export passes a message on byte by byte, plain or gzip, small or large", async () => {
  const gateway = await start();
  const messages = [
    0,
    1,
    GZIP_ABOVE_BYTES,
    GZIP_ABOVE_BYTES + 1,
    3_000_000,
  ].map((length) => randomBytes(length));
  for (const options of [{}, GZIP]) {
    upstream.requests.length = 0;
    const client = clientOf(gateway, options);
    for (const message of messages) {
      expect(await client.export(message)).toMatchObject({ code: 0 });
    }
    const got = upstream.requests.map(({ headers, body }) =>
      headers["content-encoding"] === "gzip" ? gunzipSync(body) : body
    );
    expect(got.map(sha256)).toEqual(messages.map(sha256));
    expect(upstream.requests.map(({ headers }) => headers["content-encoding"]))
      .toEqual([undefined, undefined, undefined, "gzip", "gzip"]);
    const { method, path, headers } = upstream.requests[0] ?? {};
    expect(`${method} ${path}`).toBe("POST /v1/traces");
    expect(headers).toMatchObject(PROTOBUF);
  }
});

test("Export passes the answer of the Worker back byte by byte", async () => {
  const client = clientOf(await start());
  const body = randomBytes(1000);
  upstream.answer = { status: 200, headers: PROTOBUF, body };
  expect((await client.export(MESSAGE)).answer).toEqual(body);
});

test("Export passes who asks and in which trace, and nothing of gRPC's", async () => {
  const gateway = await start({ key: "of-the-gateway" });
  const client = clientOf(gateway);
  const sent = {
    authorization: "Bearer of-the-caller",
    traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01`,
    tracestate: "ot=th:8",
    baggage: "a=b",
    "x-request-id": "request-7",
  };
  await client.export(MESSAGE, {
    metadata: { ...sent, cookie: "c=1", "x-forwarded-for": "10.0.0.1" },
  });
  await client.export(MESSAGE, { metadata: { "x-tracecore-key": "tck" } });
  await client.export(MESSAGE);
  const [full, keyed, bare] = upstream.requests;
  expect(full?.headers).toMatchObject(sent);
  expect(Object.keys(full?.headers ?? {})).not.toEqual(
    expect.arrayContaining([
      expect.stringMatching(/cookie|forwarded|^te$|grpc/),
    ]),
  );
  expect(keyed?.headers["x-tracecore-key"]).toBe("tck");
  expect(keyed?.headers.authorization).toBe(undefined);
  expect(bare?.headers.authorization).toBe("Bearer of-the-gateway");
});

test.each([
  [200, undefined, 0, null],
  [400, undefined, 3, null],
  [401, undefined, 16, null],
  [403, undefined, 7, null],
  [404, undefined, 12, null],
  [405, undefined, 12, null],
  [413, "9", 8, null],
  [415, undefined, 3, null],
  [429, "9", 8, 9],
  [429, undefined, 8, 1],
  [500, "9", 13, null],
  [502, "9", 14, 9],
  [503, "9", 14, 9],
  [503, undefined, 14, null],
  [504, "9", 14, 9],
  [522, "9", 14, 9],
  [302, undefined, 2, null],
])(
  "Export answers HTTP %d with Retry-After %s by code %d, to be sent again after %s s",
  async (status, after, code, retryS) => {
    const client = clientOf(await start());
    const message = "What is wrong: schade é";
    upstream.answer = {
      status,
      headers: {
        ...PROTOBUF,
        ...after === undefined ? {} : { "retry-after": after },
      },
      body: status === 200
        ? ""
        : google.rpc.Status.encode({ code, message }).finish(),
    };
    const result = await client.export(MESSAGE);
    expect(result).toMatchObject({ code, retryS });
    expect(result.details).toBe(status === 200 ? "" : message);
  },
);

test("Export cuts messages of MAX_MESSAGE_LENGTH + 1 characters, and no shorter ones", async () => {
  const client = clientOf(await start());
  for (const length of [MAX_MESSAGE_LENGTH, MAX_MESSAGE_LENGTH + 1]) {
    upstream.answer = refusal(400, "x".repeat(length));
    const { details } = await client.export(MESSAGE);
    expect(details).toHaveLength(MAX_MESSAGE_LENGTH);
    expect(details.endsWith("…")).toBe(length > MAX_MESSAGE_LENGTH);
  }
});

test("Export tells what answers in the Worker's place", async () => {
  const client = clientOf(await start());
  const page = { headers: { "content-type": "text/html" }, body: "<h1>Hi" };
  upstream.answer = { status: 200, ...page };
  expect(await client.export(MESSAGE)).toMatchObject({
    code: 13,
    details: expect.stringContaining("text/html"),
  });
  upstream.answer = { status: 403, ...page };
  expect(await client.export(MESSAGE)).toMatchObject({
    code: 7,
    details: expect.stringContaining("403"),
  });
});

test("Export takes answers of MAX_ANSWER_BYTES, and none beyond", async () => {
  const client = clientOf(await start());
  const answer = { status: 200, headers: PROTOBUF };
  upstream.answer = { ...answer, body: randomBytes(MAX_ANSWER_BYTES) };
  expect(await client.export(MESSAGE)).toMatchObject({ code: 0 });
  upstream.answer = { ...answer, body: randomBytes(MAX_ANSWER_BYTES + 1) };
  expect(await client.export(MESSAGE)).toMatchObject({ code: 14 });
});

test("Export takes messages of MAX_GRPC_MESSAGE_BYTES, and none beyond", async () => {
  const gateway = await start();
  for (const options of [{}, GZIP]) {
    const client = clientOf(gateway, options);
    expect(await client.export(Buffer.alloc(MAX_GRPC_MESSAGE_BYTES)))
      .toMatchObject({ code: 0 });
    expect(await client.export(Buffer.alloc(MAX_GRPC_MESSAGE_BYTES + 1)))
      .toMatchObject({
        code: 8,
        details: expect.stringContaining(String(MAX_GRPC_MESSAGE_BYTES)),
        retryS: null,
      });
  }
  expect(upstream.requests).toHaveLength(2);
});

test("Export has an upstream that is gone sent again, until it is back", async () => {
  const client = clientOf(await start());
  expect(await client.export(MESSAGE)).toMatchObject({ code: 0 });
  const port = Number(new URL(upstream.url).port);
  await upstream.stop();
  expect(await client.export(MESSAGE)).toMatchObject({
    code: 14,
    details: expect.stringContaining("ECONNREFUSED"),
  });
  upstream = await HttpSink.start(port);
  upstream.answer = { status: 200, headers: PROTOBUF };
  expect(await client.export(MESSAGE)).toMatchObject({ code: 0 });
  upstream.answer = "reset";
  expect(await client.export(MESSAGE)).toMatchObject({ code: 14 });
});

test("Export sends once more on a connection that was kept too long", async () => {
  const client = clientOf(await start());
  for (let round = 0; round < 20; round++) {
    expect(await client.export(MESSAGE)).toMatchObject({ code: 0 });
    upstream.hangUp();
  }
});

test("Export gives up at the caller's deadline, upstream too", async () => {
  const gateway = await start();
  const client = clientOf(gateway);
  upstream.answer = hangPosts;
  const call = { deadline: Date.now() + 300 };
  expect(await client.export(MESSAGE, { call })).toMatchObject({ code: 4 });
  // What was in hand is given back.
  await expect.poll(() => inFlightOf(gateway)).toBe(0);
});

test("Export is UNAVAILABLE where the Worker takes too long", async () => {
  const client = clientOf(await start({ upstreamTimeoutMs: 100 }));
  upstream.answer = hangPosts;
  expect(await client.export(MESSAGE)).toMatchObject({
    code: 14,
    details: expect.stringContaining("no answer in time"),
  });
});

test("Export takes as many in hand as it may, and refuses one more at once", async () => {
  const gateway = await start({ maxInFlight: 3 });
  const client = clientOf(gateway);
  upstream.answer = hangPosts;
  const waiting = [1, 2, 3].map(() => client.export(MESSAGE));
  await upstream.received(3);
  expect(await client.export(MESSAGE)).toMatchObject({ code: 14, retryS: 1 });
  const refused = await postHttp(gateway, MESSAGE);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  upstream.answer = { status: 200, headers: PROTOBUF };
  upstream.hangUp();
  await Promise.all(waiting);
  expect(await client.export(MESSAGE)).toMatchObject({ code: 0 });
});

test("Export takes as many bytes in hand as it may, and refuses one more at once", async () => {
  const client = clientOf(await start({ maxBufferedBytes: 1000 }));
  upstream.answer = hangPosts;
  void client.export(randomBytes(600));
  await upstream.received(1);
  expect(await client.export(randomBytes(401)))
    .toMatchObject({ code: 14, retryS: 1 });
  void client.export(randomBytes(400));
  await upstream.received(2);
});

test("Export keeps at most MAX_UPSTREAM_CONNECTIONS, and a client's MAX_CONNECTION_CALLS wait", async () => {
  const gateway = await start({ maxInFlight: 2 * MAX_CONNECTION_CALLS });
  const client = clientOf(gateway);
  upstream.answer = hangPosts;
  const calls = Array.from(
    { length: MAX_CONNECTION_CALLS + 1 },
    () => client.export(MESSAGE),
  );
  await upstream.received(MAX_UPSTREAM_CONNECTIONS);
  await expect.poll(() => inFlightOf(gateway)).toBe(MAX_CONNECTION_CALLS);
  await delay(100);
  expect(postsOf(upstream)).toBe(MAX_UPSTREAM_CONNECTIONS);
  expect(await inFlightOf(gateway)).toBe(MAX_CONNECTION_CALLS);
  upstream.answer = { status: 200, headers: PROTOBUF };
  upstream.hangUp();
  const codes = (await Promise.all(calls)).map(({ code }) => code);
  // Those whose connection was broken are UNAVAILABLE; the others are taken.
  expect(new Set(codes)).toEqual(new Set([0, 14]));
  expect(codes.filter((code) => code === 14))
    .toHaveLength(MAX_UPSTREAM_CONNECTIONS);
});

test("2,000 exports, 64 at a time, all arrive once", async () => {
  const gateway = await start();
  const clients = [clientOf(gateway), clientOf(gateway, GZIP)];
  const sent = new Set<string>();
  let left = 2_000;
  async function keepSending(worker: number): Promise<void> {
    while (left-- > 0) {
      const message = randomBytes(200 + left % 9_000);
      sent.add(sha256(message));
      const { code } = await (clients[worker % 2] as TraceClient)
        .export(message);
      expect(code).toBe(0);
    }
  }
  await Promise.all(Array.from({ length: 64 }, (_, at) => keepSending(at)));
  const got = upstream.requests.map(({ headers, body }) =>
    sha256(headers["content-encoding"] === "gzip" ? gunzipSync(body) : body)
  );
  expect(got).toHaveLength(2_000);
  expect(new Set(got)).toEqual(sent);
});

test.each([
  "opentelemetry.proto.collector.metrics.v1.MetricsService",
  "opentelemetry.proto.collector.logs.v1.LogsService",
])("%s is UNIMPLEMENTED, and says what to do", async (service) => {
  const client = clientOf(await start());
  expect(await client.export(MESSAGE, { method: `/${service}/Export` }))
    .toMatchObject({
      code: 12,
      details: expect.stringContaining("OTEL_METRICS_EXPORTER=none"),
    });
  expect(upstream.requests).toHaveLength(0);
});

test("Health/Check tells the server's state, and the Worker's", async () => {
  const client = clientOf(await start());
  expect(await check(client, "")).toBe(1);
  expect(await check(client, TRACE_SERVICE)).toBe(1);
  expect(upstream.requests.at(-1)?.path).toBe("/health");
  expect(await check(client, "other.Service")).toBe("code 5");
  upstream.answer = 503;
  await expect.poll(() => check(client, TRACE_SERVICE), { timeout: 5_000 })
    .toBe(2);
  expect(await check(client, "")).toBe(1);
});

test("Gateway.close() finishes what is in hand, and takes nothing new", async () => {
  const gateway = await start();
  const client = clientOf(gateway);
  upstream.answer = { status: 200, headers: PROTOBUF, delayMs: 500 };
  const inHand = client.export(MESSAGE);
  const inHandHttp = postHttp(gateway, MESSAGE);
  await upstream.received(2);
  const closing = gateway.close();
  expect((await inHand).code).toBe(0);
  expect((await inHandHttp).status).toBe(200);
  await closing;
  const late = clientOf(gateway);
  const call = { deadline: Date.now() + 2_000 };
  expect((await late.export(MESSAGE, { call })).code).not.toBe(0);
  await expect(postHttp(gateway, MESSAGE)).rejects.toThrow("fetch failed");
});

test("Gateway.close() breaks off what takes too long", async () => {
  const gateway = await start({ stopWithinMs: 200 });
  const client = clientOf(gateway);
  upstream.answer = hangPosts;
  const inHand = client.export(MESSAGE);
  await upstream.received(1);
  const began = performance.now();
  await gateway.close();
  expect(performance.now() - began).toBeLessThan(3_000);
  expect((await inHand).code).not.toBe(0);
});

test("startGateway() says which port is taken", async () => {
  const { grpcPort, httpPort } = await start();
  await expect(start({ grpc: { host: HOST, port: grpcPort ?? 0 } }))
    .rejects.toThrow(`127.0.0.1 port ${grpcPort}: something else`);
  await expect(start({ http: { host: HOST, port: httpPort ?? 0 } }))
    .rejects.toThrow(`127.0.0.1 port ${httpPort}: something else`);
});

test.each(["", "tracecore", "ftp://a", "http://user:key@host"])(
  "startGateway() refuses the URL %j",
  async (url) => {
    await expect(start({ url })).rejects.toThrow(GatewayError);
  },
);

test("garbage on the gRPC port does not end the gateway", async () => {
  const gateway = await start();
  const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  for (let round = 0; round < 200; round++) {
    const socket = connect(gateway.grpcPort ?? 0, HOST);
    socket.on("error", () => undefined);
    await once(socket, "connect");
    if (round % 2 === 0) socket.write(preface);
    socket.end(randomBytes(1 + round * 7));
    if (round % 5 === 0) socket.resetAndDestroy();
  }
  const client = clientOf(gateway);
  expect(await client.export(MESSAGE)).toMatchObject({ code: 0 });
  expect(await client.export(MESSAGE, { method: "/no.Such/Method" }))
    .toMatchObject({ code: 12 });
});

async function start(
  options: Partial<GatewayOptions> = {},
): Promise<Gateway> {
  const gateway = await startGateway({
    url: upstream.url,
    grpc: { host: HOST, port: 0 },
    http: { host: HOST, port: 0 },
    stopWithinMs: 1_000,
    ...options,
  });
  open.push(gateway);
  return gateway;
}

function clientOf(
  gateway: Gateway,
  options: ConstructorParameters<typeof TraceClient>[1] = {},
): TraceClient {
  const client = new TraceClient(gateway.grpcUrl ?? "", options);
  open.push(client);
  return client;
}

function postHttp(
  gateway: Gateway,
  body: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  return fetch(`${gateway.httpUrl}/v1/traces`, {
    method: "POST",
    headers: PROTOBUF,
    body,
  });
}

async function inFlightOf(gateway: Gateway): Promise<unknown> {
  const response = await fetch(`${gateway.httpUrl}/health`);
  const health = JSON.parse(await response.text());
  return health.gateway.requests_in_flight;
}

/** The state that Health/Check tells, or its failure. */
async function check(
  client: TraceClient,
  service: string,
): Promise<number | string | undefined> {
  const name = Buffer.from(service);
  const { code, answer } = await client.export(
    name.length === 0 ? name : Buffer.from([0x0a, name.length, ...name]),
    { method: `/${HEALTH_SERVICE}/Check` },
  );
  return code === 0 ? answer?.[1] : `code ${code}`;
}

/** The Worker's health is told all the same. */
function hangPosts({ method }: SunkRequest): SinkAnswer {
  return method === "POST" ? "hang" : 200;
}

function postsOf(sink: HttpSink): number {
  return sink.requests.filter(({ method }) => method === "POST").length;
}

function refusal(status: number, message: string): WholeAnswer {
  const body = google.rpc.Status.encode({ code: 3, message }).finish();
  return { status, headers: PROTOBUF, body };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
