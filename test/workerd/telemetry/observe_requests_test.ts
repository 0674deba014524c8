import type { Delivery } from "../../../src/ingest/sent_spans.ts";
import {
  createExecutionContext,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type DeliverContext,
  deliverSpans,
} from "../../../src/ingest/deliver.ts";
import { forwardSpans } from "../../../src/outbox/forward.ts";
import { OPERATOR } from "../../../src/access/caller.ts";
import type { AppEnv } from "../../../src/http/app_env.ts";
import { answerError } from "../../../src/http/json_error.ts";
import { MAX_LOGGED_PATH } from "../../../src/http/served_request.ts";
import { recordOf } from "../../../src/http/request_record.ts";
import { otlpRoutes } from "../../../src/ingest/otlp_route.ts";
import type { SpanBatch } from "../../../src/otlp/span_batch.ts";
import { answerRoutes } from "../../../src/query/answer_routes.ts";
import { readSettings } from "../../../src/settings.ts";
import {
  type Count,
  CounterBook,
  counterBook,
} from "../../../src/telemetry/counters.ts";
import { flushCounters } from "../../../src/telemetry/flush_counters.ts";
import { answerMetrics } from "../../../src/telemetry/metrics_route.ts";
import { observeRequests } from "../../../src/telemetry/observe_requests.ts";
import { readCounters } from "../../../src/telemetry/read_counters.ts";
import { parseExposition } from "../../telemetry/parse_exposition.ts";
import { exportJson } from "../../ingest/export_request.ts";

const KEY = "a-key-of-this-deployment";
const DEFAULTS = { TRACECORE_OPEN: "true", LOG_REQUESTS: "failed" };
const CLOSED = { TRACECORE_OPEN: "false", ADMIN_KEY: KEY };
const AUTHORIZED = { authorization: `Bearer ${KEY}` };

let logged: Record<string, unknown>[];
let delivered: { batch: SpanBatch; context: DeliverContext }[];
let before: Map<string, readonly Count[]>;

beforeEach(async () => {
  logged = [];
  delivered = [];
  counterBook.drain();
  before = new Map();
  for (const tenant of ["", "default"]) {
    before.set(tenant, await readCounters(env, tenant) ?? []);
  }
  for (const level of ["info", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line: string) => {
      logged.push(JSON.parse(line));
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The routes with real targets, and no waiting between two flushes. */
async function send(
  path: string,
  init: RequestInit = {},
  variables: Record<string, string> = {},
): Promise<Response> {
  const targets = {
    deliver: (delivery: Delivery, context: DeliverContext) => {
      delivered.push({ batch: delivery.batch, context });
      return deliverSpans(delivery, context);
    },
    forward: forwardSpans,
  };
  const app = new Hono<AppEnv>();
  app.use(observeRequests(targets, { wait: () => Promise.resolve() }));
  app.route("/", otlpRoutes(targets));
  app.route("/", answerRoutes());
  app.get("/fault/:kind", () => {
    throw new Error("inner detail");
  });
  app.onError((error, context) =>
    answerError(error, context.req.raw, { request_id: recordOf(context).id })
  );
  const bindings = { ...env, ...DEFAULTS, ...variables };
  const context = createExecutionContext();
  const answer = await app.request(path, init, bindings, context);
  await waitOnExecutionContext(context);
  return answer;
}

function post(
  body: BodyInit,
  headers: Record<string, string> = {},
  variables: Record<string, string> = {},
): Promise<Response> {
  const type = { "content-type": "application/json" };
  const init = { method: "POST", headers: { ...type, ...headers }, body };
  return send("/v1/traces", init, variables);
}

/** What has been counted since the test began, as `counter reason`. */
async function counted(tenant: string): Promise<Record<string, number>> {
  const counts = await readCounters(env, tenant) ?? [];
  return Object.fromEntries(
    counts.map(({ counter, reason, amount }) => {
      const earlier = before.get(tenant)
        ?.find((one) => one.counter === counter && one.reason === reason);
      return [`${counter} ${reason}`.trim(), amount - (earlier?.amount ?? 0)];
    }).filter(([, amount]) => amount !== 0),
  );
}

test("observeRequests() counts requests, spans and bytes for their tenant", async () => {
  const body = exportJson(3, 2);
  expect((await post(body)).status).toBe(200);
  expect((await post("[")).status).toBe(400);
  expect((await send("/api/v1/services")).status).toBe(200);
  expect(await counted("default")).toEqual({
    "requests 200": 2,
    "requests 400": 1,
    "refused_requests malformed": 1,
    "rejected_spans trace_id": 2,
    accepted_spans: 3,
    received_bytes: body.length + 1,
  });
  expect(await counted("")).toEqual({});
});

test("observeRequests() counts for no tenant before a key is known", async () => {
  await post("{}", {}, CLOSED);
  await post("{}", { authorization: "Bearer wrong" }, CLOSED);
  await send("/api/v1/status", {}, CLOSED);
  await send("/nothing", {}, CLOSED);
  expect(await counted("")).toMatchObject({
    "requests 401": 2,
    "requests 403": 1,
    "requests 404": 1,
    "refused_requests no_key": 1,
    "refused_requests wrong_key": 1,
  });
  expect(await counted("default")).toEqual({});
});

test("every answer has the id of its request, and so have its log lines", async () => {
  const headers = { "x-request-id": "try-7" };
  for (
    const [path, status] of [
      ["/health", 200],
      ["/nothing", 404],
      ["/api/v1/services?x=1", 400],
      ["/v1/nothing", 404],
      ["/fault/one", 500],
    ] as const
  ) {
    const answer = await send(path, { headers });
    expect([path, answer.status]).toEqual([path, status]);
    expect(answer.headers.get("x-request-id")).toBe("try-7");
  }
  expect(logged).toMatchObject([
    { event: "request", route: "/nothing", status: 404 },
    { event: "request", route: "/api/v1/services", status: 400 },
    { event: "request", route: "/v1/nothing", status: 404 },
    { event: "request_failed", error: "Error: inner detail" },
    { event: "request", level: "error", route: "/fault/:kind", status: 500 },
  ]);
  for (const line of logged) expect(line["request_id"]).toBe("try-7");
  const own = await send("/health");
  expect(own.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}$/);
});

test("a log line has no key, no query, no header and no payload in it", async () => {
  const secret = "s3cret-of-the-client";
  const headers = {
    authorization: `Bearer ${secret}`,
    cookie: secret,
    origin: `https://${secret}.example`,
    "x-request-id": `${secret} `.repeat(20),
  };
  const variables = { LOG_REQUESTS: "all", ...CLOSED };
  await post(secret, headers, variables);
  await send(`/v1/traces?key=${secret}`, { method: "POST" }, variables);
  await send(`/api/v1/services?key=${secret}`, { headers }, variables);
  await post("{}", AUTHORIZED, variables);
  expect(logged.length).toBe(4);
  expect(JSON.stringify(logged)).not.toContain(secret);
  expect(JSON.stringify(logged)).not.toContain(KEY);
  expect(logged.at(-1)).toMatchObject({
    level: "info",
    event: "request",
    method: "POST",
    route: "/v1/traces",
    status: 200,
    bytes_in: 2,
    tenant: "default",
    key_id: "",
    spans_accepted: 0,
  });
});

test("observeRequests() serves and logs where the settings are wrong", async () => {
  const answer = await send("/api/v1/status", {}, { SELF_TRACES: "often" });
  expect(answer.status).toBe(503);
  expect(answer.headers.has("x-request-id")).toBe(true);
  expect(logged.map(({ event }) => event))
    .toEqual(["request_failed", "request"]);
  expect(await counted("")).toMatchObject({ "requests 503": 1 });
});

test("SELF_TRACES=1 makes spans of each request, in the caller's trace, without a loop", async () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const traced = { SELF_TRACES: "1", ...CLOSED };
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  await post(exportJson(1), { ...AUTHORIZED, traceparent }, traced);
  await send("/", {}, traced);
  await send("/health", {}, traced);
  // Whichever flush took them: each span once, and none of a delivery.
  const own = delivered
    .filter(({ batch }) =>
      batch.spans[0]?.resource.serviceName === "tracecore"
    );
  expect(own.flatMap(({ batch }) => batch.spans.map(({ name }) => name)))
    .toEqual([
      "POST /v1/traces",
      "receive",
      "forward",
      "deliver",
      "GET",
      "GET /health",
    ]);
  for (const { context } of own) expect(context.caller.tenant).toBe("default");
  const [first] = own;
  const at = first?.batch.spans[0]?.traceAt ?? 0;
  const id = first?.batch.ids.subarray(at, at + 16) ?? [];
  expect(Buffer.from(id).toString("hex")).toBe(traceId);
  expect((await counted("default"))["accepted_spans"]).toBe(1);
});

test("SELF_TRACES=0 makes no span", async () => {
  await send("/health", {}, { SELF_TRACES: "0" });
  await send("/health");
  expect(delivered).toEqual([]);
});

test("spans of its own that storage does not take change no answer, and are counted", async () => {
  const variables = { SELF_TRACES: "1" };
  const app = new Hono<AppEnv>();
  app.use(observeRequests({
    deliver: () => Promise.reject(new Error("no room")),
    forward: forwardSpans,
  }, { wait: () => Promise.resolve() }));
  app.get("/", (context) => context.text("fine"));
  const context = createExecutionContext();
  const answer = await app.request("/", {}, { ...env, ...variables }, context);
  await waitOnExecutionContext(context);
  expect(await answer.text()).toBe("fine");
  expect(logged).toMatchObject([{
    event: "self_spans_not_delivered",
    spans: 1,
  }]);
  await send("/health");
  expect(await counted("")).toMatchObject({ "dropped_self_spans delivery": 1 });
});

test.each(
  [
    ["text/plain", "text", "text/plain; version=0.0.4; charset=utf-8"],
    [
      "application/openmetrics-text;version=1.0.0",
      "openmetrics",
      "application/openmetrics-text; version=1.0.0; charset=utf-8",
    ],
  ] as const,
)("GET /metrics answers %s", async (accept, format, type) => {
  await post(exportJson(1));
  await send("/api/v1/status", {}, CLOSED);
  const answer = await send("/metrics", { headers: { accept } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe(type);
  const text = new TextDecoder().decode(await answer.arrayBuffer());
  const families = parseExposition(text, format);
  const suffix = format === "text" ? "_total" : "";
  expect(families.get("tracecore_shard_up")?.samples.get('{"shard":"0"}'))
    .toBe(1);
  const requests = families.get(`tracecore_requests${suffix}`)?.samples;
  expect(requests?.get('{"status":"200"}')).toBeGreaterThan(0);
  expect(
    families.get(`tracecore_deployment_requests${suffix}`)?.samples
      .get('{"status":"401"}'),
  ).toBeGreaterThan(0);
});

test("GET /metrics asks for a key, and takes no parameter", async () => {
  expect((await send("/metrics", {}, CLOSED)).status).toBe(401);
  expect((await send("/metrics", { headers: AUTHORIZED }, CLOSED)).status)
    .toBe(200);
  expect((await send("/metrics?x=1")).status).toBe(400);
  expect((await send("/metrics", { method: "POST" })).status).toBe(405);
});

test("GET /metrics shows a tenant its own counts, and nothing of the deployment", async () => {
  const book = new CounterBook();
  book.add("shop", { counter: "accepted_spans", reason: "", amount: 7 });
  book.add("", { counter: "requests", reason: "401", amount: 1 });
  await flushCounters(book, env);
  const app = new Hono<AppEnv>();
  app.get("/metrics", (context) => {
    context.set("settings", readSettings({ TRACE_SHARDS: "2" }));
    context.set("caller", { ...OPERATOR, tenant: "shop", operator: false });
    return answerMetrics(context);
  });
  const answer = await app.request("/metrics", {}, env);
  const families = parseExposition(await answer.text(), "text");
  expect(families.get("tracecore_accepted_spans_total")?.samples.get("{}"))
    .toBe(7);
  expect([...families.get("tracecore_shard_up")?.samples.keys() ?? []])
    .toEqual(['{"shard":"0"}', '{"shard":"1"}']);
  const names = [...families.keys()].join(" ");
  expect(names).not.toContain("deployment");
});

test("GET /metrics does not wait for a flush that does not end", async () => {
  const app = new Hono<AppEnv>();
  app.get("/metrics", (context) => {
    context.set("settings", readSettings({}));
    context.set("caller", OPERATOR);
    context.set("flush", () => new Promise(() => undefined));
    return answerMetrics(context);
  });
  const context = createExecutionContext();
  const answer = await app.request("/metrics", {}, env, context);
  expect(answer.status).toBe(200);
  parseExposition(await answer.text(), "text");
});

test("a log line has MAX_LOGGED_PATH characters of a path without a route", async () => {
  for (const length of [MAX_LOGGED_PATH, MAX_LOGGED_PATH + 1]) {
    await send("/".padEnd(length, "x"));
  }
  const [whole, cut] = logged.map(({ route }) => route);
  expect(whole).toBe("/".padEnd(MAX_LOGGED_PATH, "x"));
  expect(cut).toBe(whole);
});
