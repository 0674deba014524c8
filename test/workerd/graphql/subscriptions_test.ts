import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { writeAnomaly } from "../../../src/anomaly/anomaly_store.ts";
import { MAX_LISTENERS } from "../../../src/live/live_limits.ts";
import { tellOfAnomaly } from "../../../src/live/tell_news.ts";
import { otlpRequest } from "../../resources/otlp_request.ts";
import { ask, storedKey } from "../access/closed_service.ts";
import { anomalyOf } from "../anomaly/anomaly_of.ts";
import { askGraphql } from "./ask_graphql.ts";
import { subscribe } from "./subscribe.ts";

const MAP = `{ serviceMapUpdated {
  whole windowStart windowEnd timestamp warnings
  nodes { id service { requestCount } }
  edges { from to caller { name } callee { name } }
  removedNodes
  removedEdges { fromId toId connectionType messaging { system destination } }
} }`;

async function adminOf(tenant: string): Promise<string> {
  return (await storedKey({ tenant, scope: "admin" })).text;
}

async function postSpan(key: string, service: string): Promise<void> {
  const traceId = crypto.randomUUID().replaceAll("-", "");
  const posted = await ask("/v1/traces", {
    method: "POST",
    key,
    body: otlpRequest([{
      attributes: { "service.name": service, "host.id": "i-123456" },
      spans: [{ traceId, spanId: traceId.slice(16) }],
    }], Date.now()),
  });
  expect(posted.status).toBe(200);
}

function postDrift(key: string, id: string, resource: string) {
  return ask("/api/v1/drift-events", {
    method: "POST",
    key,
    body: {
      id,
      resource_id: resource,
      drift_type: "modified",
      detected_at: new Date().toISOString(),
    },
  });
}

test("serviceMapUpdated tells the whole map first, then what changed, with what hangs on it", async () => {
  const key = await adminOf("sub-map");
  const told = await subscribe(MAP, key);
  await told.until(({ serviceMapUpdated: map }) =>
    (map as { whole: boolean }).whole
  );
  await postSpan(key, "sub-cart");
  await told.until(({ serviceMapUpdated: map }) =>
    JSON.stringify(map).includes(
      '{"id":"sub-cart","service":{"requestCount":1}}',
    )
  );
  const later = told.events.at(-1) as {
    data: { serviceMapUpdated: { whole: boolean } };
  };
  expect(later.data.serviceMapUpdated.whole).toBe(false);
  expect(told.events.filter(({ errors }) => errors !== undefined)).toEqual([]);
  await told.stop();
});

test("driftDetected and resourceUpdated tell of a change, of the asked resource alone", async () => {
  const key = await adminOf("sub-drift");
  await ask("/api/v1/resources", {
    method: "PUT",
    key,
    body: {
      nodes: [
        { id: "aws:sg:sg-1", type: "security_group", provider: "aws" },
        { id: "aws:sg:sg-2", type: "security_group", provider: "aws" },
      ],
      edges: [],
    },
  });
  const all = await subscribe("{ driftDetected { id resource { id } } }", key);
  const own = await subscribe(
    '{ driftDetected(resourceId: "sg-1") { id } }',
    key,
  );
  const updated = await subscribe(
    '{ resourceUpdated(id: "sg-1") { id health drift { id } } }',
    key,
  );
  expect((await postDrift(key, "two", "sg-2")).status).toBe(201);
  expect((await postDrift(key, "one", "sg-1")).status).toBe(201);
  await all.until(({ driftDetected: drift }) =>
    JSON.stringify(drift) === '{"id":"one","resource":{"id":"aws:sg:sg-1"}}'
  );
  await own.until(({ driftDetected: drift }) =>
    JSON.stringify(drift) === '{"id":"one"}'
  );
  await updated.until(({ resourceUpdated: resource }) =>
    JSON.stringify(resource) ===
      '{"id":"aws:sg:sg-1","health":"unknown","drift":[{"id":"one"}]}'
  );
  expect(all.events).toHaveLength(2);
  expect(own.events).toHaveLength(1);
  expect(updated.events).toHaveLength(1);
  await Promise.all([all.stop(), own.stop(), updated.stop()]);
});

test("alertFired and resourceUpdated tell of an anomaly", async () => {
  const tenant = "sub-alert";
  const key = await adminOf(tenant);
  await postSpan(key, "sub-web");
  await expect.poll(async () => {
    const { data } = await askGraphql("{ services { resourceIds } }", { key });
    return JSON.stringify(data);
  }, { timeout: 15_000, interval: 200 }).toContain("i-123456");
  const fired = await subscribe("{ alertFired { id serviceId state } }", key);
  const updated = await subscribe("{ resourceUpdated { id health } }", key);
  const nowMs = Date.now();
  await writeAnomaly(env.DB, {
    anomaly: anomalyOf("raised", {
      service: "sub-web",
      edge: null,
      startedMs: nowMs - 600_000,
      raisedMs: nowMs - 300_000,
    }),
    candidates: null,
  }, { tenant, nowMs });
  await tellOfAnomaly(env, tenant, "raised");
  await fired.until(({ alertFired: alert }) =>
    JSON.stringify(alert) ===
      '{"id":"raised","serviceId":"sub-web","state":"open"}'
  );
  await updated.until(({ resourceUpdated: resource }) =>
    JSON.stringify(resource) ===
      '{"id":"aws:ec2:i-123456","health":"unhealthy"}'
  );
  await Promise.all([fired.stop(), updated.stop()]);
});

test("a subscription is its tenant's alone, and needs a key for reading", async () => {
  const key = await adminOf("sub-own");
  const other = await adminOf("sub-other");
  const told = await subscribe("{ driftDetected { id } }", key);
  await postDrift(other, "others", "sg-1");
  await postDrift(key, "own", "sg-1");
  await told.until(({ driftDetected: drift }) =>
    JSON.stringify(drift) === '{"id":"own"}'
  );
  expect(told.events).toHaveLength(1);
  await told.stop();
  const { text: ingest } = await storedKey({ tenant: "sub-own" });
  const refused = await ask("/graphql", {
    method: "POST",
    key: ingest,
    headers: { accept: "text/event-stream" },
    body: { query: "subscription { driftDetected { id } }" },
  });
  expect(refused.status).toBe(403);
});

test("who listens no more leaves room for others", async () => {
  const key = await adminOf("sub-many");
  for (let listener = 0; listener <= MAX_LISTENERS; listener++) {
    const told = await subscribe("{ serviceMapUpdated { whole } }", key);
    await told.until(({ serviceMapUpdated: map }) =>
      (map as { whole: boolean }).whole
    );
    await told.stop();
  }
  const head = "/graphql?query=subscription{driftDetected{id}}";
  for (let asked = 0; asked <= MAX_LISTENERS; asked++) {
    const { status } = await ask(head, {
      method: "HEAD",
      key,
      headers: { accept: "text/event-stream" },
    });
    expect(status).toBe(200);
  }
  const last = await subscribe("{ serviceMapUpdated { whole } }", key);
  await last.until((data) => "serviceMapUpdated" in data);
  await last.stop();
});

test("what cannot be subscribed to is told", async () => {
  const key = await adminOf("sub-wrong");
  const told = await subscribe(
    '{ serviceMapUpdated(service: "nobody") { whole } }',
    key,
  );
  await expect.poll(() => told.events, { timeout: 10_000 }).toMatchObject([
    { errors: [{ extensions: { code: "NOT_FOUND" } }] },
  ]);
  const depth = await subscribe(
    "{ serviceMapUpdated(depth: 2) { whole } }",
    key,
  );
  await expect.poll(() => depth.events, { timeout: 10_000 }).toMatchObject([
    { errors: [{ extensions: { code: "BAD_USER_INPUT" } }] },
  ]);
});
