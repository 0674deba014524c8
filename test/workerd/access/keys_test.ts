import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  isolateKeys,
  KEY_FRESH_MS,
  rememberedKeys,
} from "../../../src/access/isolate_keys.ts";
import { authorize } from "../../../src/access/authorize.ts";
import type { Scope } from "../../../src/access/caller.ts";
import { MAX_STALE_MS } from "../../../src/access/fault_tolerant_cache.ts";
import {
  listKeys,
  MAX_KEYS_PER_TENANT,
  originIsNamed,
  readKey,
  revokeKey,
} from "../../../src/access/key_store.ts";
import { MAX_GUESSES_PER_SECOND } from "../../../src/access/guess_brake.ts";
import { keyDigest, makeKey } from "../../../src/access/key_text.ts";
import { BURST_S } from "../../../src/access/token_bucket.ts";
import {
  DEFAULT_OVERLAP_S,
  MAX_KEY_NAME_LENGTH,
  MAX_KEY_ORIGINS,
  MAX_KEY_SERVICES,
  MAX_OVERLAP_S,
} from "../../../src/admin/key_body.ts";
import { MAX_ADMIN_BODY_BYTES } from "../../../src/admin/json_body.ts";
import type { KeyAnswer } from "../../../src/admin/key_answer.ts";
import { RETRY_AFTER_S } from "../../../src/http/json_error.ts";
import { readSettings } from "../../../src/settings.ts";
import {
  ADMIN_KEY,
  ask,
  type Asked,
  BASE,
  storedKey,
} from "./closed_service.ts";

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

const KEYS = "/api/v1/keys";
type Made = KeyAnswer & { readonly key: string };

/** What the admin API can answer; each call has some of it. */
interface Answer extends Made {
  readonly keys: readonly KeyAnswer[];
  readonly count: number;
  readonly error: string;
  readonly details: readonly {
    readonly parameter: string;
    readonly problem: string;
  }[];
}

async function manage(
  path: string,
  asked: Asked = {},
): Promise<{ readonly status: number; readonly answer: Answer }> {
  const response = await ask(path, { key: ADMIN_KEY, ...asked });
  expect(response.headers.get("cache-control")).toBe("no-store");
  return { status: response.status, answer: await response.json<Answer>() };
}

async function create(fields: object = {}): Promise<Made> {
  const body = { name: "page", scope: "ingest", ...fields };
  const { status, answer } = await manage(KEYS, { method: "POST", body });
  expect(status).toBe(201);
  return answer;
}

function access(
  key: string,
  { scope = "ingest", nowMs = Date.now(), remembered = rememberedKeys(), db }: {
    scope?: Scope;
    nowMs?: number;
    remembered?: ReturnType<typeof rememberedKeys>;
    db?: D1Database;
  } = {},
) {
  const request = new Request(`${BASE}/v1/traces`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return authorize(request, {
    scope,
    settings: readSettings({ ADMIN_KEY }),
    bindings: { DB: db ?? env.DB },
    nowMs,
    remembered,
  });
}

/** A D1 whose every query fails. */
const brokenD1 = {
  prepare() {
    throw new Error("D1_ERROR: Network connection lost.");
  },
} as unknown as D1Database;

test("POST /api/v1/keys makes a key that works, and shows it once", async () => {
  const made = await create({
    name: "the shop's pages",
    expires: "2999-01-01T00:00:00Z",
    origins: ["https://Shop.example"],
    services: ["shop-page", "shop-*"],
    requests_per_second: 50,
    spans_per_second: 5000,
    body_bytes: 100_000,
    max_services: 10,
  });
  expect(made).toMatchObject({
    tenant: "default",
    name: "the shop's pages",
    scope: "ingest",
    state: "active",
    expires: "2999-01-01T00:00:00.000Z",
    revoked: null,
    origins: ["https://shop.example"],
    services: ["shop-page", "shop-*"],
    requests_per_second: 50,
    spans_per_second: 5000,
    body_bytes: 100_000,
    max_services: 10,
  });
  const { key, ...shown } = made;
  expect(await access(key)).toEqual({
    ok: true,
    caller: {
      tenant: "default",
      keyId: made.id,
      operator: false,
      limits: {
        origins: ["https://shop.example"],
        services: ["shop-page", "shop-*"],
        requestsPerSecond: 50,
        spansPerSecond: 5000,
        bodyBytes: 100_000,
        maxServices: 10,
      },
    },
  });
  expect((await manage(`${KEYS}/${made.id}`)).answer).toEqual(shown);
  const list = await manage(KEYS);
  expect(list.answer.keys).toContainEqual(shown);
  expect(list.answer.count).toBe(list.answer.keys.length);
  expect(JSON.stringify(list)).not.toContain(key.slice(-40));
});

test("D1 holds SHA-256 of a key, and its secret nowhere", async () => {
  const made = await create();
  const { results } = await env.DB.prepare("SELECT * FROM access_key").all();
  const text = JSON.stringify(results);
  expect(text).toContain(await keyDigest(made.key));
  expect(text).not.toContain(made.key.slice(-40));
});

test("POST /api/v1/keys names each wrong field", async () => {
  const { status, answer } = await manage(KEYS, {
    method: "POST",
    body: {
      name: "",
      scope: "all",
      tenant: "Shop",
      origins: ["https://a.example/path", "*"],
      services: [""],
      requests_per_second: 0,
      spans_per_second: 1.5,
      body_bytes: "1",
      expires: "tomorrow",
      orgins: [],
    },
  });
  expect(status).toBe(400);
  expect(answer.details.map(({ parameter }) => parameter).toSorted()).toEqual([
    "body_bytes",
    "expires",
    "name",
    "orgins",
    "origins.0",
    "origins.1",
    "requests_per_second",
    "scope",
    "services.0",
    "spans_per_second",
    "tenant",
  ]);
  for (const { problem } of answer.details) {
    expect(problem).toMatch(/^(must|is not known)/);
  }
});

test.each([
  ["no JSON", 400, "{"],
  ["a list", 400, "[]"],
  ["nothing", 400, ""],
  ["an expired key", 400, {
    name: "x",
    scope: "read",
    expires: "2000-01-01T00:00:00Z",
  }],
  ["more bytes than are taken", 413, " ".repeat(MAX_ADMIN_BODY_BYTES + 1)],
])("POST /api/v1/keys refuses %s", async (_, status, body) => {
  expect((await manage(KEYS, { method: "POST", body })).status).toBe(status);
});

test("POST /api/v1/keys takes a body of MAX_ADMIN_BODY_BYTES", async () => {
  const body = JSON.stringify({ name: "x", scope: "read" })
    .padEnd(MAX_ADMIN_BODY_BYTES);
  expect((await manage(KEYS, { method: "POST", body })).status).toBe(201);
});

test("POST, PATCH and rotate take application/json alone", async () => {
  const { id } = await create();
  for (
    const [method, path] of [
      ["POST", KEYS],
      ["PATCH", `${KEYS}/${id}`],
      ["POST", `${KEYS}/${id}/rotate`],
    ] as const
  ) {
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const headers = { "content-type": type };
      const sent = { method, headers, body: "{}" };
      expect((await manage(path, sent)).status).toBe(415);
    }
  }
});

test("key fields are taken at each limit, and refused one beyond", async () => {
  const origins = (count: number) =>
    Array.from({ length: count }, (_, at) => `https://s${at}.example`);
  const services = (count: number) =>
    Array.from({ length: count }, (_, at) => `s${at}`);
  const cases = [
    [{ name: "n".repeat(MAX_KEY_NAME_LENGTH) }, 201],
    [{ name: "n".repeat(MAX_KEY_NAME_LENGTH + 1) }, 400],
    [{ origins: origins(MAX_KEY_ORIGINS) }, 201],
    [{ origins: origins(MAX_KEY_ORIGINS + 1) }, 400],
    [{ services: services(MAX_KEY_SERVICES) }, 201],
    [{ services: services(MAX_KEY_SERVICES + 1) }, 400],
    [{ tenant: "t".repeat(63) }, 201],
    [{ tenant: "t".repeat(64) }, 400],
    [{ tenant: "" }, 400],
    [{ max_services: 0 }, 201],
    [{ max_services: 1001 }, 400],
  ] as const;
  for (const [fields, status] of cases) {
    const body = { name: "x", scope: "ingest", ...fields };
    const { status: got } = await manage(KEYS, { method: "POST", body });
    expect([Object.keys(fields), got]).toEqual([Object.keys(fields), status]);
  }
});

test("PATCH /api/v1/keys/:id changes what it names and nothing else", async () => {
  const made = await create({ origins: ["https://a.example"], body_bytes: 10 });
  const path = `${KEYS}/${made.id}`;
  const { key: _, ...before } = made;
  const body = {
    name: "new",
    origins: ["https://b.example"],
    body_bytes: null,
  };
  expect(await manage(path, { method: "PATCH", body })).toEqual({
    status: 200,
    answer: { ...before, ...body },
  });
  const named = (origin: string) => originIsNamed(env.DB, origin, Date.now());
  expect(await named("https://a.example")).toBe(false);
  expect(await named("https://b.example")).toBe(true);
  const nothing = await manage(path, { method: "PATCH", body: {} });
  expect(nothing.answer).toEqual({ ...before, ...body });
  for (const field of ["scope", "tenant", "expires", "hash"]) {
    const wrong = { method: "PATCH", body: { [field]: "read" } };
    expect((await manage(path, wrong)).status).toBe(400);
  }
});

test("DELETE /api/v1/keys/:id revokes at once here, and keeps it listed", async () => {
  const made = await create();
  const post = () =>
    ask("/v1/traces", { method: "POST", key: made.key, body: {} });
  expect((await post()).status).toBe(200);
  const path = `${KEYS}/${made.id}`;
  const first = await manage(path, { method: "DELETE" });
  expect(first.answer.state).toBe("revoked");
  expect((await post()).status).toBe(403);
  const second = await manage(path, { method: "DELETE" });
  expect(second.answer.revoked).toBe(first.answer.revoked);
  const list = await manage(KEYS);
  expect(list.answer.keys.find(({ id }) => id === made.id)?.state)
    .toBe("revoked");
});

test("POST /api/v1/keys/:id/rotate lets the old key live for overlap_s", async () => {
  const old = await create({ services: ["shop"] });
  const { status, answer } = await manage(`${KEYS}/${old.id}/rotate`, {
    method: "POST",
    body: { overlap_s: 60 },
  });
  expect(status).toBe(201);
  expect(answer).toMatchObject({ services: ["shop"], expires: null });
  expect(answer.id).not.toBe(old.id);
  const { expiresMs } = await readKey(env.DB, old.id) ?? {};
  const endMs = Date.parse(answer.created) + 60_000;
  expect(expiresMs).toBe(endMs);
  const at = async (key: string, nowMs: number) =>
    (await access(key, { nowMs })).ok;
  expect(await at(old.key, endMs - 1)).toBe(true);
  expect(await at(old.key, endMs)).toBe(false);
  expect(await at(answer.key, endMs)).toBe(true);
});

test("rotate takes an overlap up to MAX_OVERLAP_S, and lengthens no life", async () => {
  const old = await create();
  const path = `${KEYS}/${old.id}/rotate`;
  const rotate = (body: object) => manage(path, { method: "POST", body });
  expect((await rotate({ overlap_s: MAX_OVERLAP_S + 1 })).status).toBe(400);
  expect((await rotate({ overlap_s: -1 })).status).toBe(400);
  const first = await rotate({});
  const endMs = Date.parse(first.answer.created) + DEFAULT_OVERLAP_S * 1000;
  expect((await readKey(env.DB, old.id))?.expiresMs).toBe(endMs);
  expect((await rotate({ overlap_s: MAX_OVERLAP_S })).status).toBe(201);
  expect((await readKey(env.DB, old.id))?.expiresMs).toBe(endMs);
  expect((await rotate({ overlap_s: 0 })).status).toBe(201);
  expect((await rotate({})).status).toBe(409);
});

test.each([
  ["no body", {}],
  ["an empty body of some type", {
    body: "",
    headers: { "content-type": "text/plain" },
  }],
])(
  "rotate lets the old key live for DEFAULT_OVERLAP_S given %s",
  async (_, sent) => {
    const old = await create();
    const rotated = await manage(`${KEYS}/${old.id}/rotate`, {
      method: "POST",
      ...sent,
    });
    expect(rotated.status).toBe(201);
    const endMs = Date.parse(rotated.answer.created) + DEFAULT_OVERLAP_S * 1000;
    expect((await readKey(env.DB, old.id))?.expiresMs).toBe(endMs);
  },
);

test("a tenant's admin manages its own keys, and sees no others", async () => {
  const { text: key } = await storedKey({ tenant: "shop", scope: "admin" });
  const foreign = await create({ tenant: "bank" });
  const asked = { key };
  const calls: readonly (readonly [string, Asked])[] = [
    [`${KEYS}/${foreign.id}`, asked],
    [`${KEYS}/${foreign.id}`, { ...asked, method: "PATCH", body: {} }],
    [`${KEYS}/${foreign.id}`, { ...asked, method: "DELETE" }],
    [`${KEYS}/${foreign.id}/rotate`, { ...asked, method: "POST", body: {} }],
  ];
  for (const [path, call] of calls) {
    const foreignAnswer = await manage(path, call);
    const unknown = path.replace(foreign.id, "abcdefghijkl");
    const unknownAnswer = await manage(unknown, call);
    expect([foreignAnswer.status, unknownAnswer.status]).toEqual([404, 404]);
    expect(foreignAnswer.answer.error.replace(foreign.id, "abcdefghijkl"))
      .toBe(unknownAnswer.answer.error);
  }
  expect((await readKey(env.DB, foreign.id))?.revokedMs).toBe(null);
  const body = { name: "x", scope: "read" };
  const own = await manage(KEYS, { ...asked, method: "POST", body });
  expect(own.answer.tenant).toBe("shop");
  const other = { ...body, tenant: "bank" };
  expect((await manage(KEYS, { ...asked, method: "POST", body: other })).status)
    .toBe(403);
  expect((await manage(`${KEYS}?tenant=bank`, asked)).status).toBe(403);
  const list = await manage(KEYS, asked);
  expect(new Set(list.answer.keys.map(({ tenant }) => tenant)))
    .toEqual(new Set(["shop"]));
  const all = await manage(`${KEYS}?tenant=bank`);
  expect(all.answer.keys.map(({ id }) => id)).toEqual([foreign.id]);
});

test("key routes refuse pages of other origins, whatever the key", async () => {
  for (const origin of ["https://evil.example", "null", `${BASE}:444`]) {
    const { status } = await manage(KEYS, { headers: { origin } });
    expect(status).toBe(403);
  }
  expect((await manage(KEYS, { headers: { origin: BASE } })).status).toBe(200);
});

test("a tenant has MAX_KEYS_PER_TENANT keys and not one more", async () => {
  const tenant = "full";
  await env.DB.prepare(`
    INSERT INTO access_key (id, tenant, name, scope, hash, created_ms)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    SELECT printf('full%08d', i), 'full', 'x', 'ingest', '', i FROM n
  `).bind(MAX_KEYS_PER_TENANT - 1).run();
  const body = { name: "x", scope: "ingest", tenant };
  const make = async () =>
    (await manage(KEYS, { method: "POST", body })).status;
  expect(await make()).toBe(201);
  expect(await make()).toBe(409);
  const active = `${KEYS}/full00000001/rotate`;
  expect((await manage(active, { method: "POST", body: {} })).status).toBe(409);
  expect((await readKey(env.DB, "full00000001"))?.expiresMs).toBe(null);
  // One that is revoked makes room, the one that was so first.
  await revokeKey(env.DB, "full00000007", 20);
  await revokeKey(env.DB, "full00000005", 30);
  expect(await make()).toBe(201);
  expect(await readKey(env.DB, "full00000007")).toBe(null);
  expect(await readKey(env.DB, "full00000005")).not.toBe(null);
  expect((await listKeys(env.DB, tenant)).length).toBe(MAX_KEYS_PER_TENANT);
});

test("authorize() sees a revocation when KEY_FRESH_MS have passed", async () => {
  const { id, text } = await storedKey();
  const remembered = rememberedKeys();
  const at = async (nowMs: number) =>
    (await access(text, { nowMs, remembered })).ok;
  expect(await at(0)).toBe(true);
  await revokeKey(env.DB, id, 1);
  expect(await at(KEY_FRESH_MS - 1)).toBe(true);
  expect(await at(KEY_FRESH_MS)).toBe(false);
});

test("authorize() ends a remembered key at the moment it expires", async () => {
  const { text } = await storedKey({ expiresMs: 5 });
  const remembered = rememberedKeys();
  expect((await access(text, { nowMs: 4, remembered })).ok).toBe(true);
  expect((await access(text, { nowMs: 5, remembered })).ok).toBe(false);
});

test("authorize() asks D1 once for an id that is none", async () => {
  let asked = 0;
  const db = {
    prepare(query: string) {
      asked += 1;
      return env.DB.prepare(query);
    },
  } as unknown as D1Database;
  const remembered = rememberedKeys();
  const key = `tck_abcdefghijkl_${"s".repeat(40)}`;
  for (let guess = 0; guess < 5; guess++) {
    const answer = await access(key, { nowMs: guess, remembered, db });
    expect(answer).toMatchObject({ ok: false, status: 403 });
  }
  expect(asked).toBe(1);
});

test("authorize() serves known keys while D1 fails, and says 503 for others", async () => {
  const known = await storedKey();
  const other = await storedKey();
  const revoked = await storedKey({ revokedMs: 1 });
  const remembered = rememberedKeys();
  for (const { text } of [known, revoked]) {
    await access(text, { nowMs: 0, remembered });
  }
  const at = (text: string, nowMs: number) =>
    access(text, { nowMs, remembered, db: brokenD1 });
  expect(await at(known.text, MAX_STALE_MS)).toMatchObject({ ok: true });
  expect(await at(known.text, MAX_STALE_MS + 2000))
    .toMatchObject({ ok: false, status: 503 });
  expect(await at(other.text, 0)).toMatchObject({ ok: false, status: 503 });
  expect(await at(revoked.text, 60_000))
    .toMatchObject({ ok: false, status: 403 });
  expect(await at("no-key", 0)).toMatchObject({ ok: false, status: 403 });
  expect(await at(ADMIN_KEY, 0)).toMatchObject({ ok: true });
  expect(logged.join("\n")).not.toContain(other.text.slice(-40));
});

test("a D1 that fails is 503 with Retry-After on every kind of route", async () => {
  const bindings = { DB: brokenD1 };
  const { text: key } = await storedKey({ scope: "admin" });
  isolateKeys.keys.forget(key.slice(4, 16));
  const answers = [
    await ask("/v1/traces", { method: "POST", body: {}, key, bindings }),
    await ask("/api/v1/services", { key, bindings }),
    await ask(KEYS, { key, bindings }),
    await ask(KEYS, { key: ADMIN_KEY, bindings }),
    await ask("/v1/traces", {
      method: "OPTIONS",
      headers: { origin: "https://unknown.example" },
      bindings: { ...bindings, ALLOWED_ORIGINS: "https://one.example" },
    }),
  ];
  for (const answer of answers) {
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe(String(RETRY_AFTER_S));
  }
  expect(logged.join("\n")).not.toContain(key);
});

test("authorize() reads D1 for so many guesses of an address, and goes on to serve keys", async () => {
  const from = { "cf-connecting-ip": "192.0.2.66" };
  const { text: used, id } = await storedKey();
  const { text: unused } = await storedKey();
  const post = (key: string, headers: Record<string, string> = from) =>
    ask("/v1/traces", { method: "POST", key, headers, body: {} });
  expect((await post(used)).status).toBe(200);
  const guesses = Array.from(
    { length: 3 * MAX_GUESSES_PER_SECOND * BURST_S },
    () => makeKey((bytes) => crypto.getRandomValues(bytes)).text,
  );
  const answers = await Promise.all(guesses.map((key) => post(key)));
  const statuses = answers.map(({ status }) => status);
  const lookedUp = statuses.filter((status) => status === 403).length;
  expect(lookedUp).toBeGreaterThanOrEqual(MAX_GUESSES_PER_SECOND * BURST_S);
  expect(lookedUp).toBeLessThan(2 * MAX_GUESSES_PER_SECOND * BURST_S);
  expect(new Set(statuses)).toEqual(new Set([403, 429]));
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get("retry-after")).toBe(String(RETRY_AFTER_S));
  // From elsewhere every key is served, and from here the one in use.
  const elsewhere = { "cf-connecting-ip": "192.0.2.67" };
  expect((await post(unused, elsewhere)).status).toBe(200);
  expect((await post(used)).status).toBe(200);
  // A revoked one is not kept in use by guesses.
  await revokeKey(env.DB, id, Date.now());
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + KEY_FRESH_MS);
  const again = await Promise.all(guesses.map((key) => post(key)));
  expect(again.at(-1)?.status).toBe(429);
  expect((await post(used)).status).toBe(403);
});
