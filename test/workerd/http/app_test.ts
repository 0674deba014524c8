import { createExecutionContext } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createApp } from "../../../src/app.ts";

const OPEN = { TRACECORE_OPEN: "true" };

function ask(
  path: string,
  init: RequestInit = {},
  env: Record<string, string> = OPEN,
): Response | Promise<Response> {
  const nothing = () => Promise.resolve();
  const app = createApp({
    deliver: nothing,
    forward: () => Promise.resolve({ ok: true }),
  });
  const { COUNTERS } = bindings;
  return app.request(
    path,
    init,
    { COUNTERS, LOG_REQUESTS: "none", ...env },
    createExecutionContext(),
  );
}

test("createApp() lists its endpoints at / without a key", async () => {
  const answer = await ask("/", {}, {});
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    service: "tracecore",
    endpoints: expect.arrayContaining(["POST /v1/traces", "GET /health"]),
  });
});

test("createApp() describes itself as OpenAPI, and as a page without scripts", async () => {
  const described = await ask("/openapi.json", {}, {});
  expect(described.status).toBe(200);
  expect(await described.json()).toMatchObject({
    openapi: "3.1.1",
    paths: { "/api/v1/servicemap": { get: { operationId: "getServiceMap" } } },
  });
  const page = await ask("/docs", {}, {});
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect(page.headers.get("content-security-policy"))
    .toContain("default-src 'none'");
  expect(await page.text()).toContain('<section id="getServiceMap">');
});

test("createApp() answers an unknown path with the error's shape", async () => {
  for (const path of ["/nothing", "/api/v1/nothing", "/v2/traces"]) {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
    expect(await answer.json()).toMatchObject({
      error: expect.stringContaining(`GET ${path}`),
      status: 404,
      timestamp: expect.any(Number),
    });
  }
});

test("createApp() answers below /v1/ with a Status", async () => {
  const answer = await ask("/v1/nothing", { method: "POST", body: "x" });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: 12 });
});

test("createApp() serves no data without ADMIN_KEY", async () => {
  const paths = ["/api/v1/status", "/api/v1/servicemap", "/api/v1/services"];
  for (const path of paths) {
    const answer = await ask(path, {}, {});
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      error: expect.stringContaining("wrangler secret put ADMIN_KEY"),
    });
  }
  const ingest = await ask("/v1/traces", { method: "POST", body: "x" }, {});
  expect(ingest.status).toBe(503);
  expect(ingest.headers.has("retry-after")).toBe(true);
});
