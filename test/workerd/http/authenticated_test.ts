import { Hono } from "hono";
import { expect, test, vi } from "vitest";
import type { AppEnv } from "../../../src/http/app_env.ts";
import { authenticated } from "../../../src/http/authenticated.ts";
import { answerError, RETRY_AFTER_S } from "../../../src/http/json_error.ts";

const KEY = "a-key-of-this-deployment";

function ask(
  env: Record<string, string>,
  headers: Record<string, string> = {},
): Response | Promise<Response> {
  const app = new Hono<AppEnv>();
  app.use("/api/*", authenticated("read"));
  app.get("/api/x", (context) => {
    const { traceShards } = context.get("settings");
    return context.json({ tenant: context.get("caller").tenant, traceShards });
  });
  app.onError((error, context) => answerError(error, context.req.raw));
  return app.request("/api/x", { headers }, env);
}

test("authenticated() gives routes the settings and the tenant", async () => {
  const answer = await ask({ TRACECORE_OPEN: "true", TRACE_SHARDS: "3" });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ tenant: "default", traceShards: 3 });
});

test("authenticated() refuses in the JSON error's shape", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const cases = [
    [401, { ADMIN_KEY: KEY }, {}],
    [403, { ADMIN_KEY: KEY }, { authorization: "Bearer wrong" }],
    [503, {}, { authorization: `Bearer ${KEY}` }],
    [503, { ADMIN_KEY: "short" }, { authorization: "Bearer short" }],
  ] as const;
  for (const [status, env, headers] of cases) {
    const answer = await ask(env, headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ status });
    expect(answer.headers.get("retry-after"))
      .toBe(status === 503 ? String(RETRY_AFTER_S) : null);
    expect(answer.headers.get("www-authenticate"))
      .toBe(status === 401 ? "Bearer" : null);
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
  }
});

test("authenticated() lets the right key through", async () => {
  const headers = { authorization: `Bearer ${KEY}` };
  expect((await ask({ ADMIN_KEY: KEY }, headers)).status).toBe(200);
});
