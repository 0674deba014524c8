import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  NO_KEY_LIMITS,
  type Scope,
  SCOPES,
} from "../../../src/access/caller.ts";
import { BURST_S } from "../../../src/access/token_bucket.ts";
import { ADMIN_KEY, app, ask, storedKey, textOf } from "./closed_service.ts";

/**
 * What each route of the service needs: a scope; "public" where it shows
 * nothing of anyone; "refusal" where it answers 404 or 405 to everyone;
 * "middleware" where it only adds to others.
 */
const DECISIONS: Readonly<
  Record<string, Scope | "public" | "refusal" | "middleware">
> = {
  "ALL /*": "middleware",
  "ALL /api/*": "middleware",
  "ALL /jaeger/*": "middleware",
  "ALL /tempo/*": "middleware",
  "ALL /v1/*": "refusal",
  "ALL /v1/traces": "ingest",
  "GET /": "public",
  "ALL /": "refusal",
  "GET /openapi.json": "public",
  "ALL /openapi.json": "refusal",
  "GET /docs": "public",
  "ALL /docs": "refusal",
  "GET /health": "public",
  "ALL /health": "refusal",
  "GET /api/v1/status": "read",
  "ALL /api/v1/status": "refusal",
  "GET /api/v1/servicemap": "read",
  "ALL /api/v1/servicemap": "refusal",
  "GET /api/v1/live": "read",
  "ALL /api/v1/live": "refusal",
  "GET /api/v1/services": "read",
  "ALL /api/v1/services": "refusal",
  "GET /api/v1/services/:name": "read",
  "ALL /api/v1/services/:name": "refusal",
  "GET /api/v1/diagnostics": "read",
  "ALL /api/v1/diagnostics": "refusal",
  "GET /api/v1/traces": "read",
  "ALL /api/v1/traces": "refusal",
  "GET /tempo/api/echo": "read",
  "ALL /tempo/api/echo": "refusal",
  "GET /tempo/api/status/buildinfo": "read",
  "ALL /tempo/api/status/buildinfo": "refusal",
  "GET /tempo/api/search": "read",
  "ALL /tempo/api/search": "refusal",
  "GET /tempo/api/search/tags": "read",
  "ALL /tempo/api/search/tags": "refusal",
  "GET /tempo/api/search/tag/:tag/values": "read",
  "ALL /tempo/api/search/tag/:tag/values": "refusal",
  "GET /tempo/api/v2/search/tags": "read",
  "ALL /tempo/api/v2/search/tags": "refusal",
  "GET /tempo/api/v2/search/tag/:tag/values": "read",
  "ALL /tempo/api/v2/search/tag/:tag/values": "refusal",
  "GET /tempo/api/traces/:trace_id": "read",
  "ALL /tempo/api/traces/:trace_id": "refusal",
  "GET /tempo/api/v2/traces/:trace_id": "read",
  "ALL /tempo/api/v2/traces/:trace_id": "refusal",
  "GET /jaeger/api/services": "read",
  "ALL /jaeger/api/services": "refusal",
  "GET /jaeger/api/services/:service/operations": "read",
  "ALL /jaeger/api/services/:service/operations": "refusal",
  "GET /jaeger/api/operations": "read",
  "ALL /jaeger/api/operations": "refusal",
  "GET /jaeger/api/traces": "read",
  "ALL /jaeger/api/traces": "refusal",
  "GET /jaeger/api/traces/:trace_id": "read",
  "ALL /jaeger/api/traces/:trace_id": "refusal",
  "GET /jaeger/api/dependencies": "read",
  "ALL /jaeger/api/dependencies": "refusal",
  "GET /api/v1/traces/:trace_id": "read",
  "ALL /api/v1/traces/:trace_id": "refusal",
  "GET /metrics": "read",
  "ALL /metrics": "refusal",
  "GET /api/v1/correlation/drift/:id": "read",
  "ALL /api/v1/correlation/drift/:id": "refusal",
  "GET /api/v1/correlation/anomaly/:id": "read",
  "ALL /api/v1/correlation/anomaly/:id": "refusal",
  "GET /api/v1/correlation/incident": "read",
  "ALL /api/v1/correlation/incident": "refusal",
  "GET /api/v1/correlations": "read",
  "ALL /api/v1/correlations": "refusal",
  "GET /api/v1/drift-events": "read",
  "POST /api/v1/drift-events": "admin",
  "ALL /api/v1/drift-events": "refusal",
  "GET /api/v1/drift-events/:id": "read",
  "ALL /api/v1/drift-events/:id": "refusal",
  "GET /api/v1/anomalies": "read",
  "ALL /api/v1/anomalies": "refusal",
  "GET /api/v1/anomalies/:id": "read",
  "ALL /api/v1/anomalies/:id": "refusal",
  "GET /api/v1/resources": "read",
  "PUT /api/v1/resources": "admin",
  "ALL /api/v1/resources": "refusal",
  "GET /api/v1/resources/:id": "read",
  "ALL /api/v1/resources/:id": "refusal",
  "GET /api/v1/resources/:id/services": "read",
  "ALL /api/v1/resources/:id/services": "refusal",
  "GET /graphql": "read",
  "POST /graphql": "read",
  "ALL /graphql": "refusal",
  "GET /api/v1/outbox": "admin",
  "ALL /api/v1/outbox": "refusal",
  "GET /api/v1/outbox/:target": "admin",
  "ALL /api/v1/outbox/:target": "refusal",
  "GET /api/v1/outbox/:target/dead-letters": "admin",
  "ALL /api/v1/outbox/:target/dead-letters": "refusal",
  "POST /api/v1/outbox/:target/dead-letters/replay": "admin",
  "ALL /api/v1/outbox/:target/dead-letters/replay": "refusal",
  "GET /api/v1/outbox/:target/dead-letters/:id": "admin",
  "DELETE /api/v1/outbox/:target/dead-letters/:id": "admin",
  "ALL /api/v1/outbox/:target/dead-letters/:id": "refusal",
  "GET /api/v1/keys": "admin",
  "POST /api/v1/keys": "admin",
  "ALL /api/v1/keys": "refusal",
  "GET /api/v1/keys/:id": "admin",
  "PATCH /api/v1/keys/:id": "admin",
  "DELETE /api/v1/keys/:id": "admin",
  "ALL /api/v1/keys/:id": "refusal",
  "POST /api/v1/keys/:id/rotate": "admin",
  "ALL /api/v1/keys/:id/rotate": "refusal",
};

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

interface Guarded {
  readonly route: string;
  readonly scope: Scope;
  readonly path: string;
  readonly method: string;
}

const guarded: readonly Guarded[] = Object.entries(DECISIONS)
  .flatMap(([route, decision]) => {
    const scope = SCOPES.find((one) => one === decision);
    const [method = "", path = ""] = route.split(" ");
    return scope === undefined ? [] : [{
      route,
      scope,
      path: path.replace(":name", "nobody").replace(":id", "abcdefghijkl")
        .replace(":target", "tempo"),
      method: method === "ALL" ? "POST" : method,
    }];
  });

function tryRoute(
  { path, method }: Guarded,
  { key, query = "", headers = {} }: {
    readonly key?: string | undefined;
    readonly query?: string;
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<Response> {
  return ask(path + query, {
    method,
    headers,
    ...(key === undefined ? {} : { key }),
    ...(method === "GET" ? {} : { body: {} }),
  });
}

test("every route of the service has a decision on who may use it", () => {
  const routes = new Set(
    app.routes.map(({ method, path }) => `${method} ${path}`),
  );
  expect([...routes].toSorted()).toEqual(Object.keys(DECISIONS).toSorted());
});

test.each(guarded)(
  "$route takes a key for $scope and no other",
  async (route) => {
    const { scope } = route;
    const nowMs = Date.now();
    const right = await storedKey({ scope });
    const forged = right.text.slice(0, -1) +
      (right.text.endsWith("a") ? "b" : "a");
    const refused: string[] = [
      "x",
      "tck_",
      forged,
      `tck_unknownId000_${right.text.slice(-40)}`,
      (await storedKey({ scope, revokedMs: nowMs })).text,
      (await storedKey({ scope, expiresMs: nowMs })).text,
    ];
    for (const other of SCOPES) {
      if (other !== scope && other !== "admin") {
        refused.push((await storedKey({ scope: other })).text);
      }
    }
    const texts = new Set<string>();
    for (const key of refused) {
      const answer = await tryRoute(route, { key });
      const text = await answer.text();
      expect([key, answer.status]).toEqual([key, 403]);
      if (key.length > 3) expect(text).not.toContain(key);
      texts.add(text.replace(/"timestamp":\d+/, ""));
    }
    // In the same words, whatever is wrong with the key.
    expect(texts.size).toBe(1);

    expect((await tryRoute(route, {})).status).toBe(401);
    const basic = { authorization: "Basic YTpi" };
    expect((await tryRoute(route, { headers: basic })).status).toBe(401);
    const asParameter = await tryRoute(route, { query: `?key=${right.text}` });
    if (scope === "ingest") expect(asParameter.status).toBe(200);
    else expect(asParameter.status).toBe(401);

    const admin = await storedKey({ scope: "admin" });
    for (const key of [right.text, admin.text, ADMIN_KEY]) {
      const headers = { "x-tracecore-key": key };
      for (const presented of [{ key }, { headers }]) {
        const answer = await tryRoute(route, presented);
        expect([200, 400, 404]).toContain(answer.status);
        await textOf(answer);
      }
    }
    expect(logged.join("\n")).not.toContain("tck_");
  },
);

test.each(
  Object.entries(DECISIONS).filter(([, decision]) => decision === "public"),
)("%s shows nothing of anyone", async (route) => {
  const [method = "", path = ""] = route.split(" ");
  const answer = await ask(path, { method });
  expect(answer.status).toBe(200);
  expect(await answer.text()).not.toContain("of-tenant");
});

function exported(name: string): object {
  const endNs = BigInt(Date.now()) * 1_000_000n;
  const id = crypto.randomUUID().replaceAll("-", "");
  return {
    resourceSpans: [{
      resource: {
        attributes: [{ key: "service.name", value: { stringValue: name } }],
      },
      scopeSpans: [{
        spans: [{
          traceId: id,
          spanId: id.slice(16),
          name: `GET /${name}`,
          kind: 2,
          startTimeUnixNano: `${endNs - 5_000_000n}`,
          endTimeUnixNano: `${endNs}`,
        }],
      }],
    }],
  };
}

test("no tenant sees or counts what another one has", async () => {
  const tenants = ["alpha", "beta"];
  const texts = new Map<string, string>();
  for (const tenant of tenants) {
    const poster = await storedKey({ tenant, scope: "ingest" });
    const body = exported(`only-of-tenant-${tenant}`);
    for (let time = 0; time < (tenant === "alpha" ? 1 : 3); time++) {
      const sent = time === 0 ? body : exported(`only-of-tenant-${tenant}`);
      const answer = await ask("/v1/traces", {
        method: "POST",
        key: poster.text,
        body: sent,
      });
      expect(answer.status).toBe(200);
    }
  }
  for (const tenant of tenants) {
    const reader = await storedKey({ tenant, scope: "admin" });
    await vi.waitFor(async () => {
      const answer = await ask("/api/v1/services", { key: reader.text });
      expect(await answer.text()).toContain(`only-of-tenant-${tenant}`);
    }, { timeout: 15_000, interval: 100 });
    const other = tenant === "alpha" ? "beta" : "alpha";
    let all = "";
    for (const { path, method, scope } of guarded) {
      if (scope === "ingest" || method !== "GET") continue;
      for (
        const asked of [
          path,
          path.replace("nobody", `only-of-tenant-${other}`),
        ]
      ) {
        const answer = await ask(asked, { key: reader.text });
        const text = await textOf(answer);
        if (asked.endsWith(other)) expect(answer.status).toBe(404);
        else all += text;
      }
    }
    expect(all).not.toContain(`only-of-tenant-${other}`);
    expect(all).toContain(`only-of-tenant-${tenant}`);
    const status = await ask("/api/v1/status", { key: reader.text });
    texts.set(tenant, await status.text());
    const about = await ask(
      `/api/v1/servicemap?service=only-of-tenant-${other}`,
      {
        key: reader.text,
      },
    );
    expect(about.status).toBe(404);
  }
  const spans = (tenant: string) => JSON.parse(texts.get(tenant) ?? "").spans;
  expect([spans("alpha"), spans("beta")]).toEqual([1, 3]);
  const own = await storedKey({ scope: "read" });
  const services = await ask("/api/v1/services", { key: own.text });
  expect(await services.text()).not.toContain("of-tenant");
});

test("a tenant that sends too much slows no other, and no other key", async () => {
  const limits = { ...NO_KEY_LIMITS, requestsPerSecond: 1 };
  const greedy = await storedKey({ tenant: "alpha", limits });
  const statuses: number[] = [];
  for (let sent = 0; sent < BURST_S + 3; sent++) {
    const { status } = await ask("/v1/traces", {
      method: "POST",
      key: greedy.text,
      body: {},
    });
    statuses.push(status);
  }
  expect(statuses).toContain(429);
  for (const tenant of ["alpha", "beta"]) {
    const other = await storedKey({ tenant, limits });
    const answer = await ask("/v1/traces", {
      method: "POST",
      key: other.text,
      body: {},
    });
    expect(answer.status).toBe(200);
  }
});
