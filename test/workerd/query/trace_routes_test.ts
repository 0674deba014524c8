import { exports } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import { jaegerAnswerSchema } from "../../../src/jaeger/jaeger_answer.ts";
import { MAX_JAEGER_TRACE_IDS } from "../../../src/jaeger/jaeger_routes.ts";
import { jaegerDependenciesSchema } from "../../../src/jaeger/jaeger_dependencies.ts";
import { jaegerTracesSchema } from "../../../src/jaeger/jaeger_trace.ts";
import { serviceMapSchema } from "../../../src/query/service_map.ts";
import { traceListSchema } from "../../../src/query/trace_list.ts";
import { INTRINSIC_TAGS } from "../../../src/tempo/tags.ts";
import { tempoSearchSchema } from "../../../src/tempo/tempo_search.ts";
import {
  tempoTraceByIdSchema,
  tempoTraceSchema,
} from "../../../src/tempo/tempo_trace.ts";
import { answeredTraceSchema } from "../../../src/query/answered_trace.ts";
import { TRACE_DRIFT_MS } from "../../../src/query/trace_drift.ts";
import * as z from "zod/mini";

const BASE = "http://localhost";
const NOW_NS = BigInt(Date.now()) * 1_000_000n;
const MS = 1_000_000n;

function ask(path: string, init?: RequestInit): Promise<Response> {
  return exports.default.fetch(BASE + path, init);
}

async function answer<T>(path: string, schema: z.ZodMiniType<T>): Promise<T> {
  const response = await ask(path);
  const text = await response.text();
  expect([response.status, text.slice(0, 300)])
    .toEqual([200, expect.any(String)]);
  return schema.parse(JSON.parse(text));
}

function traceId(at: number): string {
  return `${at}`.padStart(32, "a");
}

function manyIds(count: number): string {
  return Array.from({ length: count }, (_, at) => `traceID=${at + 1}`)
    .join("&");
}

/** Trace `at` starts `at` s ago: web calls cart, which fails in every third. */
function traceOf(at: number): object[] {
  const startNs = NOW_NS - BigInt(at) * 1000n * MS;
  const shared = { traceId: traceId(at) };
  const call = {
    ...shared,
    spanId: "00000000000000a1",
    name: "GET",
    kind: 3,
    startTimeUnixNano: `${startNs}`,
    endTimeUnixNano: `${startNs + 20n * MS}`,
    attributes: [{ key: "try", value: { intValue: `${at}` } }],
  };
  const served = {
    ...shared,
    spanId: "00000000000000b2",
    parentSpanId: call.spanId,
    name: `GET /cart/${at}`,
    kind: 2,
    startTimeUnixNano: `${startNs + 5n * MS}`,
    endTimeUnixNano: `${startNs + 15n * MS}`,
    status: at % 3 === 0 ? { code: 2, message: "no cart" } : {},
  };
  return [of("web", call), of("cart", served)];
}

function of(service: string, span: object): object {
  const attributes = [
    { key: "service.name", value: { stringValue: service } },
    { key: "host.id", value: { stringValue: `i-${service}` } },
  ];
  return { resource: { attributes }, scopeSpans: [{ spans: [span] }] };
}

const TRACES = 9;

beforeAll(async () => {
  const resourceSpans = Array.from({ length: TRACES }, (_, at) => traceOf(at));
  const sent = await ask("/v1/traces", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: resourceSpans.flat() }),
  });
  expect(sent.status).toBe(200);
});

test("GET /api/v1/traces finds what came, the newest first, page by page", async () => {
  const all = Array.from({ length: TRACES }, (_, at) => traceId(at));
  const found: string[] = [];
  let cursor = "";
  do {
    const page = await answer(
      `/api/v1/traces?limit=4${cursor}`,
      traceListSchema,
    );
    expect(page.count).toBe(page.traces.length);
    found.push(...page.traces.map((one) => one.trace_id));
    cursor = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`;
  } while (cursor !== "");
  expect(found).toEqual(all);
});

test.each([
  ["service=cart&error=true", [0, 3, 6]],
  ["service=cart&operation=GET%20%2Fcart%2F%7Bid%7D", [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
  ]],
  ["operation=GET", [0, 1, 2, 3, 4, 5, 6, 7, 8]],
  ["service=web&operation=GET%20%2Fcart%2F%7Bid%7D", []],
  ["error=false&min_duration=20ms", [1, 2, 4, 5, 7, 8]],
  ["min_duration=21ms", []],
  ["max_duration=19999999", []],
  ["attribute=try:7", [7]],
  ["resource=aws:ec2:i-web&limit=3", [0, 1, 2]],
  ["resource=i-other", []],
  ["service=nobody", []],
])("GET /api/v1/traces?%s", async (query, expected) => {
  const { traces } = await answer(`/api/v1/traces?${query}`, traceListSchema);
  expect(traces.map((one) => one.trace_id)).toEqual(expected.map(traceId));
});

test("GET /api/v1/traces tells each trace in short", async () => {
  const { traces } = await answer("/api/v1/traces?limit=1", traceListSchema);
  expect(traces).toEqual([{
    trace_id: traceId(0),
    root_service: "web",
    root_operation: "GET",
    start_time: expect.any(String),
    duration: 20_000_000,
    span_count: 2,
    error_count: 1,
    services: ["cart", "web"],
  }]);
});

test("GET /api/v1/traces/{id} tells all of it", async () => {
  const trace = await answer(
    `/api/v1/traces/${traceId(3)}`,
    answeredTraceSchema,
  );
  expect(trace).toMatchObject({
    trace_id: traceId(3),
    span_count: 2,
    duration: 20_000_000,
    services: ["cart", "web"],
    has_error: true,
    root_span_id: "00000000000000a1",
  });
  expect(trace.spans.map((span) => [span.operation_name, span.self_time_ns]))
    .toEqual([["GET", 10_000_000], ["GET /cart/3", 10_000_000]]);
});

test.each([
  ["/api/v1/traces/xyz", 400, "has to be 32 hex digits"],
  [`/api/v1/traces/${"f".repeat(32)}`, 404, "never came"],
  ["/api/v1/traces?limit=0", 400, "limit"],
  ["/api/v1/traces?servce=web", 400, "servce"],
  ["/api/v1/traces?cursor=abc", 400, "next_cursor"],
  [`/tempo/api/traces/${"f".repeat(32)}`, 404, "trace not found"],
  ["/tempo/api/v2/traces/xyz", 400, "has to be 32 hex digits"],
  ["/tempo/api/search/tags?scope=foo", 400, "invalid scope: foo"],
  ["/tempo/api/v2/search/tags?scope=foo", 400, "invalid scope: foo"],
  ["/tempo/api/search?q=%7B%20a%20%7C%7C", 400, "column"],
  ["/jaeger/api/traces", 400, "service"],
  ["/jaeger/api/operations", 400, "parameter 'service' is required"],
  ["/jaeger/api/traces/xyz", 400, "cannot parse the trace id"],
  ["/jaeger/api/traces?traceID=a&traceID=xyz", 400, "it must be 1 to 32"],
  [
    `/jaeger/api/traces?${manyIds(MAX_JAEGER_TRACE_IDS + 1)}`,
    400,
    `ask for ${MAX_JAEGER_TRACE_IDS} at the most`,
  ],
  [`/jaeger/api/traces/${"f".repeat(32)}`, 404, "trace not found"],
  ["/jaeger/api/dependencies?lookback=x", 400, "milliseconds"],
])("GET %s is refused with %d", async (path, status, words) => {
  const response = await ask(path);
  expect([response.status, await response.text()])
    .toEqual([status, expect.stringContaining(words)]);
});

test("every sample of the map is a trace that can be asked for", async () => {
  await expect.poll(async () => {
    const { edges } = await answer("/api/v1/servicemap", serviceMapSchema);
    return edges.some(({ to }) => to === "cart");
  }, { timeout: 10_000 }).toBe(true);
  const { edges } = await answer("/api/v1/servicemap", serviceMapSchema);
  const samples = new Set(edges.flatMap((edge) => edge.sample_traces));
  expect(samples.size).toBeGreaterThan(0);
  for (const id of samples) {
    await answer(`/api/v1/traces/${id}`, answeredTraceSchema);
  }
});

test("/tempo answers what Grafana's data source asks", async () => {
  expect(await (await ask("/tempo/api/echo")).text()).toBe("echo");
  const build = await ask("/tempo/api/status/buildinfo");
  expect(await build.json()).toMatchObject({ version: expect.any(String) });
  const query = encodeURIComponent(
    '{resource.service.name="cart" && status=error && duration>9ms}',
  );
  const { traces } = await answer(
    `/tempo/api/search?q=${query}&limit=20`,
    tempoSearchSchema,
  );
  expect(traces.map((one) => one.traceID)).toEqual([0, 3, 6].map(traceId));
  expect(traces[0]?.rootServiceName).toBe("web");
  expect(traces[0]?.spanSet.matched).toBe(1);
  const tags = await answer("/tempo/api/v2/search/tags", z.any());
  expect(tags).toMatchObject({
    scopes: [
      { name: "resource", tags: ["host.id", "service.name"] },
      { name: "span", tags: ["try"] },
      { name: "intrinsic", tags: expect.arrayContaining(["status"]) },
    ],
  });
  const v1 = await answer("/tempo/api/search/tags", z.any());
  expect(v1).toMatchObject({ tagNames: expect.arrayContaining(["try"]) });
  const services = await answer(
    "/tempo/api/v2/search/tag/resource.service.name/values",
    z.any(),
  );
  expect(services).toMatchObject({
    tagValues: expect.arrayContaining([{ type: "string", value: "cart" }]),
  });
  const tries = await answer(
    "/tempo/api/v2/search/tag/span.try/values",
    z.any(),
  );
  expect(tries).toMatchObject({
    tagValues: expect.arrayContaining([{ type: "int", value: "8" }]),
  });
  const hosts = await answer("/tempo/api/search/tag/host.id/values", z.any());
  expect(hosts).toMatchObject({ tagValues: ["i-web", "i-cart"] });
  const id = traceId(1);
  await answer(`/tempo/api/traces/${id}`, tempoTraceSchema);
  await answer(`/tempo/api/v2/traces/${id}`, tempoTraceByIdSchema);
  for (
    const path of [`/tempo/api/traces/${id}`, `/tempo/api/v2/traces/${id}`]
  ) {
    const response = await ask(path, {
      headers: { accept: "application/protobuf" },
    });
    expect(response.headers.get("content-type")).toBe("application/protobuf");
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
  }
});

// As Tempo 3.1.0 answers: its second API knows no 404.
test("/tempo/api/v2/traces/{id} of an unknown trace is an empty one", async () => {
  const path = `/tempo/api/v2/traces/${"f".repeat(32)}`;
  const json = await ask(path);
  expect([json.status, await json.text()])
    .toEqual([200, '{"trace":{},"metrics":{}}']);
  const binary = await ask(path, {
    headers: { accept: "application/protobuf" },
  });
  expect(binary.status).toBe(200);
  expect([...new Uint8Array(await binary.arrayBuffer())])
    .toEqual([0x0a, 0, 0x12, 0]);
});

// As Tempo 3.1.0 answers, which has more scopes and intrinsics.
test("/tempo tells the tags of one scope, and the values of what is asked", async () => {
  const tags = (query: string) =>
    answer(`/tempo/api/search/tags${query}`, z.any());
  expect(await tags(""))
    .toMatchObject({ tagNames: ["host.id", "service.name", "try"] });
  expect(await tags("?scope=span")).toMatchObject({ tagNames: ["try"] });
  expect(await tags("?scope=event")).toMatchObject({ tagNames: [] });
  expect(await tags("?scope=intrinsic"))
    .toMatchObject({ tagNames: INTRINSIC_TAGS });
  const q = encodeURIComponent('{ resource.service.name = "web" }');
  const values = (tag: string) =>
    answer(`/tempo/api/v2/search/tag/${tag}/values?q=${q}`, z.any());
  const [web, get] = ["web", "GET"].map((value) => ({ type: "string", value }));
  expect(await values("name")).toMatchObject({ tagValues: [get] });
  expect(await values("resource.service.name"))
    .toMatchObject({ tagValues: [web] });
  expect(await values("trace:rootName")).toMatchObject({ tagValues: [get] });
  expect(await values("span.nothing")).toMatchObject({ tagValues: [] });
});

test("/tempo/api/search counts all spans of a service, whatever their names", async () => {
  const startNs = NOW_NS - 7_200_000n * MS;
  const spans = Array.from({ length: 100 }, (_, at) => ({
    traceId: "b".repeat(32),
    spanId: `${at + 1}`.padStart(16, "0"),
    name: `step ${String.fromCodePoint(0x4e00 + at)}`,
    startTimeUnixNano: `${startNs}`,
    endTimeUnixNano: `${startNs + MS}`,
    status: at < 90 ? { code: 2 } : {},
  }));
  const sent = await ask("/v1/traces", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      resourceSpans: spans.map((span) => of("steps", span)),
    }),
  });
  expect(sent.status).toBe(200);
  const second = Number(startNs / 1_000_000_000n);
  const { traces } = await answer(
    `/tempo/api/search?start=${second}&end=${second + 2}`,
    tempoSearchSchema,
  );
  expect(traces.map((one) => one.serviceStats))
    .toEqual([{ steps: { spanCount: 100, errorCount: 90 } }]);
});

test("GET /api/v1/traces/{trace_id} shows what its spans ran on, and the changes of the hour before to that and to what hangs together with it", async () => {
  const json = { "content-type": "application/json" };
  const graph = await ask("/api/v1/resources", {
    method: "PUT",
    headers: json,
    body: JSON.stringify({
      nodes: [
        { id: "aws:ec2:i-cart", type: "ec2" },
        { id: "aws:sg:sg-1", type: "security_group" },
        { id: "aws:sg:sg-2", type: "security_group" },
      ],
      edges: [{ from: "aws:ec2:i-cart", to: "aws:sg:sg-1", type: "network" }],
    }),
  });
  expect(graph.status).toBe(200);
  const endMs = Number(NOW_NS / MS) - 3000 + 20;
  function change(id: string, resource: string, atMs: number) {
    return {
      id,
      resource_id: resource,
      resource_type: "security_group",
      type: "modified",
      severity: "high",
      timestamp: new Date(atMs).toISOString(),
    };
  }
  const posted = await ask("/api/v1/drift-events", {
    method: "POST",
    headers: json,
    body: JSON.stringify([
      change("first", "sg-1", endMs - TRACE_DRIFT_MS),
      change("own", "i-cart", endMs - 1),
      change("too early", "sg-1", endMs - TRACE_DRIFT_MS - 1000),
      change("after", "sg-1", endMs + 1),
      change("elsewhere", "sg-2", endMs - 1),
    ]),
  });
  expect(posted.status).toBe(201);
  const path = `/api/v1/traces/${traceId(3)}`;
  const trace = await answer(path, answeredTraceSchema);
  expect(trace.spans.map((span) => span.resources)).toEqual([
    [{ resource_id: "i-web", resource_type: "host", confidence: 0.9 }],
    [{ resource_id: "aws:ec2:i-cart", resource_type: "ec2", confidence: 0.9 }],
  ]);
  expect(trace.drift_events.map(({ id }) => id)).toEqual(["own", "first"]);
});

// As Jaeger 1.76 answers: its page compares traces so.
test("/jaeger answers traces by their ids, and operations with their kinds", async () => {
  const some = `traceID=${traceId(4)}&traceID=${"f".repeat(32)}&` +
    `traceID=${traceId(2)}&traceID=${traceId(4)}`;
  const traces = await answer(`/jaeger/api/traces?${some}`, jaegerTracesSchema);
  expect(traces.data.map((trace) => trace.traceID))
    .toEqual([traceId(4), traceId(2)]);
  const most = manyIds(MAX_JAEGER_TRACE_IDS);
  expect((await ask(`/jaeger/api/traces?${most}`)).status).toBe(200);
  const operations = jaegerAnswerSchema(
    z.strictObject({ name: z.string(), spanKind: z.string() }),
  );
  const served = { name: "GET /cart/{id}", spanKind: "server" };
  await vi.waitFor(async () => {
    const path = "/jaeger/api/operations?service=cart";
    expect((await answer(path, operations)).data).toEqual([served]);
    expect((await answer(`${path}&spanKind=server`, operations)).data)
      .toEqual([served]);
    expect((await answer(`${path}&spanKind=client`, operations)).data)
      .toEqual([]);
  }, { timeout: 20_000 });
});

test("/jaeger answers what Jaeger's page asks", async () => {
  const names = jaegerAnswerSchema(z.string());
  const services = await answer("/jaeger/api/services", names);
  expect(services.data).toEqual(expect.arrayContaining(["cart", "web"]));
  await expect.poll(async () => {
    const path = "/jaeger/api/services/cart/operations";
    return (await answer(path, names)).data;
  }, { timeout: 10_000 }).toEqual(["GET /cart/{id}"]);
  const { data } = await answer(
    "/jaeger/api/traces?service=cart&tags=%7B%22error%22%3A%22true%22%7D",
    jaegerTracesSchema,
  );
  expect(data.map((one) => one.traceID)).toEqual([0, 3, 6].map(traceId));
  const one = await answer(
    `/jaeger/api/traces/${traceId(4)}`,
    jaegerTracesSchema,
  );
  expect(one.data[0]?.spans.length).toBe(2);
  const calls = await answer(
    "/jaeger/api/dependencies",
    jaegerDependenciesSchema,
  );
  expect(calls.data).toEqual(expect.arrayContaining([
    { parent: "web", child: "cart", callCount: TRACES },
  ]));
});
