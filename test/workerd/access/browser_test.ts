import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createApp } from "../../../src/app.ts";
import {
  GuessBrake,
  MAX_GUESSES_PER_SECOND,
  TooManyGuessesError,
} from "../../../src/access/guess_brake.ts";
import { BURST_S } from "../../../src/access/token_bucket.ts";
import { NO_KEY_LIMITS } from "../../../src/access/caller.ts";
import {
  ORIGIN_FRESH_MS,
  rememberedKeys,
} from "../../../src/access/isolate_keys.ts";
import { MAX_ORIGIN_LENGTH } from "../../../src/access/origin.ts";
import { originMayPost } from "../../../src/access/origin_access.ts";
import {
  KEY_RATE_PERIOD_S,
  REQUESTS_PER_SLOT,
} from "../../../src/access/rate_limits.ts";
import { revokeKey } from "../../../src/access/key_store.ts";
import { readSettings } from "../../../src/settings.ts";
import { ADMIN_KEY, ask, storedKey } from "./closed_service.ts";

const SHOP = "https://shop.example";
const EVIL = "https://evil.example";
const CLOSED = { ALLOWED_ORIGINS: "https://own.example" };

let logged: string[];
beforeEach(() => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    logged.push(line);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

function limited(limits: Partial<typeof NO_KEY_LIMITS>) {
  return storedKey({ limits: { ...NO_KEY_LIMITS, ...limits } });
}

test("a page posts with a key that names its origin, and with no other", async () => {
  const named = await limited({ origins: [SHOP] });
  const plain = await limited({});
  const post = async (key: string, origin?: string, bindings = {}) =>
    (await ask(`/v1/traces?key=${key}`, {
      method: "POST",
      headers: origin === undefined ? {} : { origin },
      body: {},
      bindings,
    })).status;
  for (const bindings of [{}, CLOSED]) {
    expect(await post(named.text, SHOP, bindings)).toBe(200);
    expect(await post(named.text, "HTTPS://SHOP.example", bindings)).toBe(200);
    expect(await post(named.text, EVIL, bindings)).toBe(403);
    expect(await post(named.text, "null", bindings)).toBe(403);
    expect(await post(named.text, undefined, bindings)).toBe(200);
  }
  expect(await post(plain.text, EVIL)).toBe(200);
  expect(await post(plain.text, SHOP, CLOSED)).toBe(403);
  expect(await post(plain.text, "https://own.example", CLOSED)).toBe(200);
});

test("a preflight passes for an origin that a key in use names", async () => {
  const origin = "https://preflight.example";
  const preflight = (from: string) =>
    ask("/v1/traces", {
      method: "OPTIONS",
      headers: { origin: from, "access-control-request-method": "POST" },
      bindings: CLOSED,
    });
  await limited({ origins: [origin] });
  const allowed = await preflight(origin);
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get("access-control-allow-origin")).toBe(origin);
  const refused = await preflight(EVIL);
  expect(refused.status).toBe(403);
  expect(refused.headers.has("access-control-allow-origin")).toBe(false);
  expect((await preflight("https://own.example")).status).toBe(204);
});

test("originMayPost() forgets after ORIGIN_FRESH_MS, and counts no dead key", async () => {
  const settings = readSettings({ ADMIN_KEY, ...CLOSED });
  const remembered = rememberedKeys();
  const at = (origin: string, nowMs: number) =>
    originMayPost(origin, {
      settings,
      bindings: { DB: env.DB },
      nowMs,
      network: "",
      remembered,
    });
  const origins = (...list: string[]) => ({ ...NO_KEY_LIMITS, origins: list });
  const { id } = await storedKey({ limits: origins("https://a.example") });
  await storedKey({ limits: origins("https://r.example"), scope: "read" });
  await storedKey({ limits: origins("https://e.example"), expiresMs: 100 });
  expect(await at("https://a.example", 0)).toEqual({ ok: true, value: true });
  expect(await at("https://r.example", 0)).toEqual({ ok: true, value: false });
  expect(await at("https://e.example", 100)).toEqual({
    ok: true,
    value: false,
  });
  expect(await at("null", 0)).toEqual({ ok: true, value: false });
  await revokeKey(env.DB, id, 1);
  expect(await at("https://a.example", ORIGIN_FRESH_MS - 1))
    .toEqual({ ok: true, value: true });
  expect(await at("https://a.example", ORIGIN_FRESH_MS))
    .toEqual({ ok: true, value: false });
});

test("originMayPost() looks up an origin of MAX_ORIGIN_LENGTH, and none that is longer", async () => {
  const settings = readSettings({ ADMIN_KEY, ...CLOSED });
  const remembered = rememberedKeys();
  const asked = (length: number) =>
    originMayPost("https://".padEnd(length, "o"), {
      settings,
      bindings: { DB: env.DB },
      nowMs: 0,
      network: "",
      remembered,
    });
  const no = { ok: true, value: false };
  expect(await asked(MAX_ORIGIN_LENGTH + 1)).toEqual(no);
  expect(remembered.origins.size).toBe(0);
  expect(await asked(MAX_ORIGIN_LENGTH)).toEqual(no);
  expect(remembered.origins.size).toBe(1);
});

test("a key's body_bytes are taken, and not one more; MAX_BODY_BYTES stays", async () => {
  const small = await limited({ bodyBytes: 10 });
  const large = await limited({ bodyBytes: 1000 });
  const post = async (key: string, bytes: number) =>
    (await ask("/v1/traces", {
      method: "POST",
      key,
      headers: { "content-type": "application/json" },
      body: "{}".padEnd(bytes),
      bindings: { MAX_BODY_BYTES: "20" },
    })).status;
  expect(await post(small.text, 10)).toBe(200);
  expect(await post(small.text, 11)).toBe(413);
  expect(await post(large.text, 20)).toBe(200);
  expect(await post(large.text, 21)).toBe(413);
});

test("spans beyond a key's rate are 429 with Retry-After", async () => {
  const { text: key } = await limited({ spansPerSecond: 1 });
  const span = (at: number) => ({
    traceId: `5b8efff798038103d269b633813fc6${10 + at}`,
    spanId: "eee19b7ec3c1b101",
    name: "x",
    startTimeUnixNano: `${Date.now()}000000`,
    endTimeUnixNano: `${Date.now()}000000`,
  });
  const spans = Array.from({ length: 20 }, (_, at) => span(at));
  const body = { resourceSpans: [{ scopeSpans: [{ spans }] }] };
  const post = () => ask("/v1/traces", { method: "POST", key, body });
  expect((await post()).status).toBe(200);
  const answer = await post();
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(15);
  expect(await answer.json()).toMatchObject({ code: 8 });
});

test("read answers carry CORS headers for READ_ORIGINS alone", async () => {
  const path = "/api/v1/services";
  const READ_ORIGINS = "https://grafana.example";
  const get = (origin: string, bindings: Record<string, string>) =>
    ask(path, { key: ADMIN_KEY, headers: { origin }, bindings });
  const allowed = await get(READ_ORIGINS, { READ_ORIGINS });
  expect(allowed.status).toBe(200);
  expect(allowed.headers.get("access-control-allow-origin")).toBe(READ_ORIGINS);
  expect(allowed.headers.get("vary")).toBe("Origin");
  for (
    const answer of [
      await get(EVIL, { READ_ORIGINS }),
      await get(READ_ORIGINS, {}),
    ]
  ) {
    expect(answer.headers.has("access-control-allow-origin")).toBe(false);
  }
  const preflight = (origin: string) =>
    ask(path, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "GET" },
      bindings: { READ_ORIGINS },
    });
  const passed = await preflight(READ_ORIGINS);
  expect(passed.status).toBe(204);
  expect(passed.headers.get("access-control-allow-methods")).toBe("GET");
  expect(passed.headers.get("access-control-allow-headers"))
    .toBe("authorization, x-tracecore-key");
  expect((await preflight(EVIL)).status).toBe(405);
});

test("every answer carries the security headers", async () => {
  const asked = [
    ["/", 200],
    ["/health", 200],
    ["/nothing", 404],
    ["/api/v1/services", 401],
    ["/api/v1/keys", 401],
    ["/v1/traces", 405],
    ["/v1/logs", 404],
  ] as const;
  for (const [path, status] of asked) {
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "strict-transport-security": "max-age=31536000",
      "cache-control": "no-store",
    });
    expect(answer.headers.get("cross-origin-resource-policy"))
      .toBe(path.startsWith("/v1/") ? null : "same-origin");
  }
});

test("an answer over http promises no https; a fault carries the headers too", async () => {
  const app = createApp({
    deliver: () => Promise.resolve(),
    forward: () => Promise.resolve({ ok: true } as const),
  });
  const answer = await app.request("http://localhost/api/v1/services", {}, {
    TRACECORE_OPEN: "true",
    DIRECTORY: null,
  });
  expect(answer.status).toBe(500);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.has("strict-transport-security")).toBe(false);
});

test("an open service refuses other names on every route that shows data", async () => {
  const paths = ["/api/v1/services", "/api/v1/keys", "/v1/traces"];
  for (const path of paths) {
    const answer = await ask(path, {
      method: path === "/v1/traces" ? "POST" : "GET",
      bindings: { TRACECORE_OPEN: "true" },
    });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("set ADMIN_KEY");
  }
});

test("no log line and no answer holds a key that came in the URL", async () => {
  const { text: key } = await limited({});
  const answers = [
    await ask(`/v1/traces?key=${key}`, { method: "POST", body: "{" }),
    await ask(`/v1/logs?key=${key}`, { method: "POST", body: {} }),
    await ask(`/api/v1/services?key=${key}`),
    await ask(`/nothing?key=${key}`),
    await ask(`/v1/traces?key=${key}`, {
      method: "POST",
      body: {},
      bindings: { TRACE_SHARDS: "none" },
    }),
  ];
  for (const answer of answers) {
    expect(await answer.text()).not.toContain(key);
    expect(JSON.stringify([...answer.headers])).not.toContain(key);
  }
  expect(logged.length).toBeGreaterThan(0);
  expect(logged.join("\n")).not.toContain(key);
});

test("KEY_RATE of wrangler.toml takes what a slot stands for, and no more", async () => {
  const { KEY_RATE } = env;
  const most = REQUESTS_PER_SLOT * KEY_RATE_PERIOD_S;
  let taken = 0;
  // More than two periods take, in case one ends meanwhile.
  for (let asked = 0; asked < 2 * most + 1; asked++) {
    const { success } = await KEY_RATE.limit({ key: "one slot" });
    if (success) taken += 1;
    if (asked < most) expect(success).toBe(true);
  }
  expect(taken).toBeGreaterThanOrEqual(most);
  expect(taken).toBeLessThanOrEqual(2 * most);
});

test("originMayPost() reads D1 for so many unknown origins of an address, and goes on to answer for known ones", async () => {
  const origin = "https://known.example";
  await storedKey({ limits: { ...NO_KEY_LIMITS, origins: [origin] } });
  const options = {
    settings: readSettings({ ADMIN_KEY, ...CLOSED }),
    bindings: { DB: env.DB },
    nowMs: 0,
    network: "192.0.2.1",
    remembered: rememberedKeys(),
    brake: new GuessBrake(),
  };
  expect(await originMayPost(origin, options)).toMatchObject({ value: true });
  const most = MAX_GUESSES_PER_SECOND * BURST_S;
  for (let guess = 0; guess < most; guess++) {
    expect(await originMayPost(`https://${guess}.example`, options))
      .toEqual({ ok: true, value: false });
  }
  expect(await originMayPost("https://more.example", options))
    .toMatchObject({ ok: false, fault: expect.any(TooManyGuessesError) });
  expect(await originMayPost(origin, { ...options, nowMs: ORIGIN_FRESH_MS }))
    .toMatchObject({ value: true });
});
