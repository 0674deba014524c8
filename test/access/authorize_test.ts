import { expect, test } from "vitest";
import { authorize } from "../../src/access/authorize.ts";
import { OPERATOR, type Scope } from "../../src/access/caller.ts";
import { readSettings, type Settings } from "../../src/settings.ts";

const KEY = "a-key-of-this-deployment";
const closed = readSettings({ ADMIN_KEY: KEY });
const granted = { ok: true, caller: OPERATOR };
/** Keys that are none of TraceCore's shape are never looked up. */
const bindings = { DB: {} as D1Database };

function ask(
  asked: Request,
  { settings, scope }: { settings: Settings; scope: Scope },
) {
  return authorize(asked, { scope, settings, bindings, nowMs: 0 });
}

function request(headers: Record<string, string> = {}, query = ""): Request {
  return new Request(`https://tracecore.example/v1/traces${query}`, {
    headers,
  });
}

async function status(
  headers: Record<string, string>,
  query = "",
  scope: Scope = "ingest",
): Promise<number> {
  const access = await ask(request(headers, query), {
    settings: closed,
    scope,
  });
  return access.ok ? 200 : access.status;
}

test("authorize() asks an open deployment for no key", async () => {
  const settings = readSettings({ TRACECORE_OPEN: "true", ADMIN_KEY: KEY });
  const local = new Request("http://localhost:4318/v1/traces");
  expect(await ask(local, { settings, scope: "admin" })).toEqual(granted);
});

test("authorize() refuses to serve without ADMIN_KEY and says what to do", async () => {
  for (const open of [undefined, "false"]) {
    const settings = readSettings({ TRACECORE_OPEN: open });
    const headers = { authorization: `Bearer ${KEY}` };
    const access = await ask(request(headers), { settings, scope: "read" });
    expect(access).toMatchObject({
      ok: false,
      status: 503,
      reason: expect.stringContaining("`wrangler secret put ADMIN_KEY`"),
    });
  }
});

test("authorize() takes the key as a bearer token in any case", async () => {
  for (const scheme of ["Bearer", "bearer", "BEARER"]) {
    expect(await status({ authorization: `${scheme} ${KEY}` })).toBe(200);
  }
});

test("authorize() takes the key in X-TraceCore-Key", async () => {
  expect(await status({ "X-TraceCore-Key": KEY })).toBe(200);
  expect(await status({ "X-TraceCore-Key": KEY }, "", "read")).toBe(200);
});

test("authorize() takes the key as a parameter for ingest alone", async () => {
  expect(await status({}, `?key=${KEY}`)).toBe(200);
  expect(await status({}, `?key=${KEY}`, "read")).toBe(401);
  expect(await status({}, `?key=${KEY}`, "admin")).toBe(401);
});

test("authorize() says 401 where no key is sent", async () => {
  expect(await status({})).toBe(401);
  expect(await status({ authorization: "Basic YTpi" })).toBe(401);
  expect(await status({ authorization: "Bearer" })).toBe(401);
  expect(await status({ "X-TraceCore-Key": "" })).toBe(401);
  expect(await status({}, "?key=")).toBe(401);
});

test("authorize() says 403 for a wrong key, however close", async () => {
  const wrong = [KEY.slice(0, -1), `${KEY}x`, KEY.toUpperCase(), "ключ"];
  for (const key of wrong) {
    const query = `?key=${encodeURIComponent(key)}`;
    expect(await status({}, query)).toBe(403);
  }
  expect(await status({ authorization: "Bearer x" })).toBe(403);
});

test("authorize() lets a wrong bearer token win over a right parameter", async () => {
  const headers = { authorization: "Bearer wrong" };
  expect(await status(headers, `?key=${KEY}`)).toBe(403);
});
