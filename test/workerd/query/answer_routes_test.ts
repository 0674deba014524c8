import { env, exports } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import type * as z from "zod/mini";
import { diagnosticsSchema } from "../../../src/query/diagnostics.ts";
import { answerRoutes } from "../../../src/query/answer_routes.ts";
import { healthSchema } from "../../../src/query/health.ts";
import { serviceDetailSchema } from "../../../src/query/service_detail.ts";
import { serviceListSchema } from "../../../src/query/service_list.ts";
import { serviceMapSchema } from "../../../src/query/service_map.ts";
import { statusSchema } from "../../../src/query/status.ts";

const BASE = "http://localhost";
/** A name that has every trap of a URL in it. */
const ODD_NAME = "café/50% off?#&+";

afterEach(() => {
  vi.restoreAllMocks();
});

function ask(path: string, init?: RequestInit): Promise<Response> {
  return exports.default.fetch(BASE + path, init);
}

async function answer<T>(
  path: string,
  schema: z.ZodMiniType<T>,
): Promise<T> {
  const response = await ask(path);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("application/json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  return schema.parse(await response.json());
}

/** A root request to `name`, in OTLP's JSON. */
async function post(name: string, traceId: string): Promise<void> {
  const endNs = BigInt(Date.now()) * 1_000_000n;
  const response = await ask("/v1/traces", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      resourceSpans: [{
        resource: {
          attributes: [
            { key: "service.name", value: { stringValue: name } },
            { key: "service.namespace", value: { stringValue: "shop" } },
          ],
        },
        scopeSpans: [{
          spans: [{
            traceId,
            spanId: traceId.slice(16),
            name: "GET /",
            kind: 2,
            startTimeUnixNano: `${endNs - 5_000_000n}`,
            endTimeUnixNano: `${endNs}`,
            attributes: [
              { key: "http.route", value: { stringValue: "/" } },
              {
                key: "http.request.method",
                value: { stringValue: "GET" },
              },
            ],
          }],
        }],
      }],
    }),
  });
  expect(response.status).toBe(200);
}

async function untilOnMap(name: string): Promise<void> {
  await expect.poll(async () => {
    const { nodes } = await answer("/api/v1/servicemap", serviceMapSchema);
    return nodes.map((node) => node.name);
  }, { timeout: 10_000, interval: 100 }).toContain(name);
}

test("every answer has its promised shape, and tells of a span that was posted", async () => {
  await post(ODD_NAME, "0af7651916cd43dd8448eb211c80319c");
  await untilOnMap(ODD_NAME);

  const map = await answer("/api/v1/servicemap?start=1h", serviceMapSchema);
  expect(map.edges.find(({ to }) => to === ODD_NAME)).toMatchObject({
    from: "user",
    request_count: 1,
    latency: 5_000_000,
    connection_type: "virtual_node",
    sample_traces: ["0af7651916cd43dd8448eb211c80319c"],
  });
  const list = await answer("/api/v1/services", serviceListSchema);
  expect(list.services.find((s) => s.service_name === ODD_NAME))
    .toMatchObject({ request_count: 1, namespace: "shop", type: "web" });

  const detail = await answer(
    `/api/v1/services/${encodeURIComponent(ODD_NAME)}?namespace=shop`,
    serviceDetailSchema,
  );
  expect(detail).toMatchObject({
    service_name: ODD_NAME,
    request_count: 1,
    endpoints: ["GET /"],
  });
  expect(detail.operations.map((o) => [o.operation_name, o.kind, o.count]))
    .toEqual([["GET /", "server", 1]]);

  const { services } = await answer("/api/v1/diagnostics", diagnosticsSchema);
  expect(services.find((s) => s.service_name === ODD_NAME))
    .toMatchObject({ spans: 1, hints: [] });
  const status = await answer("/api/v1/status", statusSchema);
  expect(status.spans).toBeGreaterThan(0);
  expect(status.services).toBeGreaterThan(0);
  expect(status.shards.every((shard) => shard.reachable)).toBe(true);
});

test("GET /health is 200 where all of the storage answers", async () => {
  const health = await answer("/health", healthSchema);
  expect(health.status).toBe("ok");
});

test("GET /health is 503 where a part of the storage does not answer, and names it", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const withoutDatabase = { ...env, DB: undefined };
  const response = await answerRoutes().request("/health", {}, withoutDatabase);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toMatch(/^[0-9]+$/);
  expect(await response.json()).toEqual({
    error: "Storage does not answer: database; see the log",
    status: 503,
    timestamp: expect.any(Number),
  });
  expect(log.mock.calls.flat().map((line) => JSON.parse(String(line))))
    .toMatchObject([{ event: "storage_does_not_answer", part: "database" }]);
});

test("every question but /health needs a key where the service is not open", async () => {
  const closed = { ...env, TRACECORE_OPEN: "false", ADMIN_KEY: "k".repeat(40) };
  const paths = [
    "status",
    "servicemap",
    "services",
    "services/x",
    "diagnostics",
  ];
  for (const path of paths) {
    const response = await answerRoutes()
      .request(`/api/v1/${path}`, {}, closed);
    expect(response.status).toBe(401);
  }
  expect((await answerRoutes().request("/health", {}, closed)).status).toBe(
    200,
  );
});

test("a service that nobody knows is a 404 in the error shape", async () => {
  for (
    const path of [
      "/api/v1/services/nobody",
      "/api/v1/servicemap?service=nobody",
      "/api/v1/diagnostics?service=nobody",
    ]
  ) {
    const response = await ask(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: 'Cannot find a service "nobody": see GET /api/v1/services',
      status: 404,
      timestamp: expect.any(Number),
    });
  }
});

test("a service that is known and silent is no 404", async () => {
  await post("quiet", "1af7651916cd43dd8448eb211c80319c");
  await untilOnMap("quiet");
  const detail = await answer(
    "/api/v1/services/quiet?start=2h&end=1h",
    serviceDetailSchema,
  );
  expect(detail).toMatchObject({ request_count: 0, nodes: [] });
  expect(detail.warnings).toEqual(["quiet sent no spans in this window"]);
});

test("wrong parameters are a 400 on every route", async () => {
  for (
    const path of [
      "/api/v1/status",
      "/api/v1/servicemap",
      "/api/v1/services",
      "/api/v1/services/cart",
      "/api/v1/diagnostics",
    ]
  ) {
    const response = await ask(`${path}?strat=1h`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      status: 400,
      details: [{ parameter: "strat" }],
    });
  }
});

test("a name that is not percent-encoded as UTF-8 is no fault", async () => {
  const response = await ask("/api/v1/services/%E0%A4%A");
  expect(response.status).toBe(404);
});

test("another method is a 405 with Allow", async () => {
  const response = await ask("/api/v1/services", { method: "POST" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET, HEAD");
  const head = await ask("/api/v1/services", { method: "HEAD" });
  expect(head.status).toBe(200);
});
