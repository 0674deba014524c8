import { afterEach, beforeEach, expect, expectTypeOf, test } from "vitest";
import type { ApiError } from "../../src/client/api_error.ts";
import {
  MAX_RETRIES,
  MAX_RETRY_WAIT_MS,
  type TracecoreClient,
  tracecoreClient,
} from "../../src/client/client.ts";
import type { ServiceDetail } from "../../src/query/service_detail.ts";
import { HttpSink, type SinkAnswer } from "../harness/http_sink.ts";

let sink: HttpSink;
let client: TracecoreClient;

beforeEach(async () => {
  sink = await HttpSink.start();
  sink.answer = jsonAnswer(200, {});
  client = tracecoreClient({ url: `${sink.url}/edge/`, key: "tck_1" });
});

afterEach(() => sink.stop());

test("TracecoreClient.call() sends path, query, key and body", async () => {
  await client.call("GET /api/v1/services/{name}", {
    path: { name: "a b/c" },
    query: { start: "1h", namespace: undefined },
  });
  await client.call("GET /api/v1/traces", {
    query: { attribute: ["a:1", "b:2"], limit: 5, error: true },
  });
  await client.call("POST /api/v1/keys", {
    body: { name: "ci", scope: "read" },
  });
  expect(sink.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /edge/api/v1/services/a%20b%2Fc?start=1h",
    "GET /edge/api/v1/traces?attribute=a%3A1&attribute=b%3A2&limit=5&error=true",
    "POST /edge/api/v1/keys",
  ]);
  expect(sink.requests.map(({ headers }) => headers.authorization))
    .toEqual(["Bearer tck_1", "Bearer tck_1", "Bearer tck_1"]);
  expect(JSON.parse(new TextDecoder().decode(sink.requests[2]?.body)))
    .toEqual({ name: "ci", scope: "read" });
});

test("TracecoreClient.call() sends no key where there is none", async () => {
  await tracecoreClient({ url: sink.url, key: null }).call("GET /health");
  expect(sink.requests[0]?.headers.authorization).toBeUndefined();
});

test("TracecoreClient.call() answers JSON as an object, text as text", async () => {
  sink.answer = jsonAnswer(200, { status: "ok" });
  expect(await client.call("GET /health")).toEqual({ status: "ok" });
  sink.answer = {
    status: 200,
    headers: { "content-type": "text/plain" },
    body: "up 1\n",
  };
  expect(await client.call("GET /metrics")).toBe("up 1\n");
});

test("TracecoreClient.call() is typed by the operations", () => {
  function calls() {
    // @ts-expect-error: the path needs a name
    void client.call("GET /api/v1/services/{name}");
    // @ts-expect-error: there is no such call
    void client.call("GET /api/v1/nothing");
    // @ts-expect-error: its answer has no end
    void client.call("GET /api/v1/live");
    // @ts-expect-error: there is no such parameter
    void client.call("GET /api/v1/services", { query: { service: "a" } });
    // @ts-expect-error: the body needs a name
    void client.call("POST /api/v1/keys", { body: { scope: "read" } });
    return client.call("GET /api/v1/services/{name}", { path: { name: "a" } });
  }
  expectTypeOf(calls).returns.resolves.toEqualTypeOf<ServiceDetail>();
  expect(calls).toBeTypeOf("function");
});

test("TracecoreClient.call() throws what the service says", async () => {
  const details = [{
    parameter: "start",
    value: "soon",
    problem: "must be a time",
  }];
  sink.answer = jsonAnswer(400, {
    error: "Cannot read the parameters",
    status: 400,
    timestamp: 1,
    details,
  });
  expect(await errorOf(client.call("GET /api/v1/services")))
    .toMatchObject({
      message: "Cannot read the parameters",
      status: 400,
      details,
    });
  sink.answer = jsonAnswer(415, { code: 3, message: "Not taken" });
  expect(await errorOf(client.call("GET /api/v1/services")))
    .toMatchObject({ message: "Not taken", status: 415, details: [] });
  sink.answer = { status: 404, body: "<html>lost</html>" };
  expect((await errorOf(client.call("GET /api/v1/services"))).message)
    .toContain("is no answer of TraceCore: <html>lost</html>");
});

test("TracecoreClient.call() makes a GET again that met a passing fault", async () => {
  sink.answer = () =>
    sink.requests.length <= MAX_RETRIES
      ? { ...passing(503), headers: { "retry-after": "0" } }
      : jsonAnswer(200, { status: "ok" });
  expect(await client.call("GET /health")).toEqual({ status: "ok" });
  expect(sink.requests).toHaveLength(MAX_RETRIES + 1);
});

test("TracecoreClient.call() gives up after MAX_RETRIES", async () => {
  sink.answer = { ...passing(429), headers: { "retry-after": "0" } };
  expect((await errorOf(client.call("GET /health"))).status).toBe(429);
  expect(sink.requests).toHaveLength(MAX_RETRIES + 1);
});

test("TracecoreClient.call() waits no longer than MAX_RETRY_WAIT_MS", async () => {
  const seconds = MAX_RETRY_WAIT_MS / 1000 + 1;
  sink.answer = {
    ...passing(503),
    headers: { "retry-after": String(seconds) },
  };
  expect((await errorOf(client.call("GET /health"))).status).toBe(503);
  expect(sink.requests).toHaveLength(1);
});

test("TracecoreClient.call() makes no change twice", async () => {
  sink.answer = { ...passing(503), headers: { "retry-after": "0" } };
  const body = { name: "ci", scope: "read" } as const;
  expect((await errorOf(client.call("POST /api/v1/keys", { body }))).status)
    .toBe(503);
  expect(sink.requests).toHaveLength(1);
});

test("TracecoreClient.call() tells that nobody is there", async () => {
  await sink.stop();
  const error = await errorOf(client.call("GET /health"));
  expect(error.status).toBe(null);
  expect(error.message).toMatch(/^Cannot reach http:.*ECONNREFUSED/);
  sink = await HttpSink.start();
});

test("TracecoreClient.call() waits for an answer no longer than told", async () => {
  sink.answer = "hang";
  const { url } = sink;
  const impatient = tracecoreClient({ url, key: null, timeoutMs: 50 });
  expect((await errorOf(impatient.call("GET /health"))).message)
    .toBe(`Cannot reach ${url}: no answer within 0.05 s`);
});

test("TracecoreClient.call() ends with its signal, in a wait too", async () => {
  sink.answer = { ...passing(503), headers: { "retry-after": "9" } };
  const control = new AbortController();
  const call = client.call("GET /health", { signal: control.signal });
  await sink.received(1);
  control.abort(new Error("enough"));
  await expect(call).rejects.toThrow("enough");
  expect(sink.requests).toHaveLength(1);
});

function jsonAnswer(status: number, body: unknown) {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  } satisfies SinkAnswer;
}

function passing(status: number) {
  return jsonAnswer(status, { error: "Busy", status, timestamp: 1 });
}

function errorOf(call: Promise<unknown>): Promise<ApiError> {
  return call.then(
    () => expect.unreachable("it succeeded"),
    (error: unknown) => error as ApiError,
  );
}
