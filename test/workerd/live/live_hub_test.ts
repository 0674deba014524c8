import {
  evictDurableObject,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { ChangeBook } from "../../../src/anomaly/change_book.ts";
import { tellChanges } from "../../../src/anomaly/tell_changes.ts";
import { writeAnomaly } from "../../../src/anomaly/anomaly_store.ts";
import { revokeKey } from "../../../src/access/key_store.ts";
import type { LiveEvent } from "../../../src/live/live_event.ts";
import {
  LEASE_MS,
  MAX_LIVE_CONNECTION_S,
} from "../../../src/live/live_limits.ts";
import {
  correlatorName,
  liveHubName,
  serviceAggregateName,
  traceShardName,
} from "../../../src/object_names.ts";
import { anomalyOf, NOW_MS } from "../anomaly/anomaly_of.ts";
import { storedKey } from "../access/closed_service.ts";
import { LiveTenant } from "./live_tenant.ts";

const DRIFT = {
  id: "drift-1",
  resource_id: "aws:sg:sg-123456",
  resource_type: "security_group",
  type: "modified",
  timestamp: "2026-01-31T14:32:00.000Z",
  severity: "high",
};

afterEach(() => {
  vi.restoreAllMocks();
});

function showsEdgeTo(name: string): (event: LiveEvent) => boolean {
  return (event) =>
    (event.event === "map" || event.event === "edges") &&
    event.data.edges.some(({ to }) => to === name);
}

function isMap({ event }: LiveEvent): boolean {
  return event === "map";
}

/** Until when the objects of a tenant tell of changes, ms; 0 for not at all. */
function leasesOf(tenant: string): Promise<readonly number[]> {
  const objects = [
    env.CORRELATOR.getByName(correlatorName(tenant)),
    env.TRACE_SHARD.getByName(traceShardName(tenant, 0)),
  ];
  return Promise.all(objects.map((stub) =>
    runInDurableObject(
      stub,
      (_, { storage }) => Number(storage.kv.get("live_until") ?? 0),
    )
  ));
}

function alarmOf(tenant: LiveTenant): Promise<number | null> {
  return runInDurableObject(
    tenant.hub,
    (_, { storage }) => storage.getAlarm(),
  );
}

async function postDrift(tenant: LiveTenant, id: string): Promise<void> {
  const answer = await tenant.ask("/api/v1/drift-events", {
    method: "POST",
    body: { ...DRIFT, id },
  });
  expect(answer.status).toBe(201);
}

async function untilOnMap(tenant: LiveTenant, name: string): Promise<void> {
  await expect.poll(async () => {
    const answer = await tenant.ask("/api/v1/servicemap");
    return answer.text();
  }, { timeout: 10_000 }).toContain(name);
}

test("LiveHub does not even exist while nobody has listened", async () => {
  const tenant = new LiveTenant();
  await tenant.post("web", "cart");
  await postDrift(tenant, "drift-1");
  await untilOnMap(tenant, "cart");
  const id = env.LIVE_HUB.idFromName(liveHubName(tenant.name));
  const ids = await listDurableObjectIds(env.LIVE_HUB);
  expect(ids.some((one) => one.equals(id))).toBe(false);
  expect(await leasesOf(tenant.name)).toEqual([0, 0]);
});

test("LiveHub has the others tell it while somebody listens, and stops when nobody does", async () => {
  const tenant = new LiveTenant();
  const beforeMs = Date.now();
  const stream = await tenant.stream();
  await stream.until(isMap);
  for (const untilMs of await leasesOf(tenant.name)) {
    expect(untilMs).toBeGreaterThanOrEqual(beforeMs + LEASE_MS);
  }
  // Until the next minute, and not longer.
  const alarmMs = await alarmOf(tenant);
  expect(alarmMs).toBeGreaterThan(beforeMs);
  expect(alarmMs).toBeLessThanOrEqual(Date.now() + 60_000);
  await stream.stop();
  await expect.poll(() => alarmOf(tenant), { timeout: 10_000 }).toBe(null);
  // Who comes to tell once more is told that nobody listens.
  await tenant.post("web", "cart");
  await expect.poll(async () => (await leasesOf(tenant.name))[1], {
    timeout: 10_000,
  }).toBe(0);
  expect(await alarmOf(tenant)).toBe(null);
});

test("LiveHub asks the others anew each minute, and pushes what has left the map", async () => {
  const tenant = new LiveTenant();
  await tenant.post("web", "cart");
  await untilOnMap(tenant, "cart");
  const socket = await tenant.socket();
  await socket.until(showsEdgeTo("cart"));
  const [before = 0] = await leasesOf(tenant.name);
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 6 * 60_000);
  expect(await runDurableObjectAlarm(tenant.hub)).toBe(true);
  await socket.until(({ event, data }) =>
    event === "edges" && data.removed_edges.length === 1 &&
    data.removed_nodes.length === 2
  );
  const [after = 0] = await leasesOf(tenant.name);
  expect(after).toBeGreaterThan(before + 5 * 60_000);
  socket.socket.close(1000);
});

test("LiveHub tells a WebSocket the map anew after it has slept, by the part that it asked for", async () => {
  const tenant = new LiveTenant();
  await tenant.post("web", "cart");
  await untilOnMap(tenant, "cart");
  const { socket, until, events } = await tenant.socket(
    "?service=web&direction=down",
  );
  await until(isMap);
  await evictDurableObject(tenant.hub);
  await tenant.post("pay", "bank");
  await tenant.post("web", "mail");
  await until((event) => isMap(event) && showsEdgeTo("mail")(event));
  expect(events.filter(isMap)).toHaveLength(2);
  expect(events.some(showsEdgeTo("bank"))).toBe(false);
  await tenant.post("web", "stock");
  await until(showsEdgeTo("stock"));
  expect(events.filter(isMap)).toHaveLength(2);
  socket.close(1000);
});

test("LiveHub sleeps over a map that stays empty", async () => {
  const tenant = new LiveTenant();
  const { socket, until, events } = await tenant.socket();
  await until(isMap);
  await evictDurableObject(tenant.hub);
  expect(await runDurableObjectAlarm(tenant.hub)).toBe(true);
  expect(events).toHaveLength(1);
  await tenant.post("web", "cart");
  await until(showsEdgeTo("cart"));
  socket.close(1000);
});

test("LiveHub reads the map anew when a shard has missed something", async () => {
  const tenant = new LiveTenant();
  const stream = await tenant.stream();
  await stream.until(isMap);
  const shard = env.TRACE_SHARD.getByName(traceShardName(tenant.name, 0));
  await evictDurableObject(shard);
  await tenant.post("web", "cart");
  await stream.until(showsEdgeTo("cart"));
  await stream.stop();
});

test("LiveHub tells of drift events as they are stored", async () => {
  const tenant = new LiveTenant();
  const stream = await tenant.stream();
  await stream.until(isMap);
  await postDrift(tenant, "drift-1");
  const { data } = await stream.until(({ event }) => event === "drift");
  const stored = await tenant.ask("/api/v1/drift-events/drift-1");
  expect(data).toEqual(await stored.json());
  await stream.stop();
});

test("LiveHub tells of anomalies as they are raised, explained and ended", async () => {
  const tenant = new LiveTenant();
  const stream = await tenant.stream();
  await stream.until(isMap);
  await tenant.post("web", "cart");
  await untilOnMap(tenant, "cart");
  const nowMs = Date.now();
  const asked = { tenant: tenant.name, nowMs };
  const correlator = env.CORRELATOR.getByName(correlatorName(tenant.name));
  const raised = anomalyOf("slow", {
    service: "cart",
    edge: null,
    startedMs: nowMs - 60_000,
    raisedMs: nowMs,
  });
  await writeAnomaly(env.DB, { anomaly: raised, candidates: null }, asked);
  await correlator.tell(tenant.name, [{ id: "slow", type: "anomaly.raised" }]);
  await stream.until(({ event, data }) =>
    event === "anomaly" && data.state === "open"
  );
  await stream.until(({ event, data }) =>
    event === "anomaly" && data.candidates !== null
  );
  const ended = { ...raised, revision: 2, endedMs: raised.startedMs + 600_000 };
  await writeAnomaly(env.DB, { anomaly: ended, candidates: null }, asked);
  await correlator.tell(tenant.name, [{ id: "slow", type: "anomaly.ended" }]);
  const { data } = await stream.until((event) =>
    event.event === "anomaly" && event.data.state === "ended"
  );
  const stored = await tenant.ask("/api/v1/anomalies/slow");
  expect(data).toEqual(await stored.json());
  await stream.stop();
});

test("LiveHub tells of an anomaly only where it is on the part of the map that is shown", async () => {
  const tenant = new LiveTenant();
  await tenant.post("web", "cart");
  await tenant.post("pay", "bank");
  await untilOnMap(tenant, "bank");
  const stream = await tenant.stream("?service=web");
  await stream.until(isMap);
  const correlator = env.CORRELATOR.getByName(correlatorName(tenant.name));
  for (const service of ["pay", "cart"]) {
    const anomaly = anomalyOf(`of-${service}`, { service, edge: null });
    await writeAnomaly(env.DB, { anomaly, candidates: null }, {
      tenant: tenant.name,
      nowMs: NOW_MS,
    });
    await correlator.tell(tenant.name, [
      { id: anomaly.id, type: "anomaly.raised" },
    ]);
  }
  await stream.until((event) =>
    event.event === "anomaly" && event.data.service === "cart"
  );
  expect(JSON.stringify(stream.events)).not.toContain("of-pay");
  await stream.stop();
});

test("LiveHub ends connections within a minute whose key is revoked, and no others", async () => {
  const tenant = new LiveTenant();
  const { id, text } = await storedKey({ tenant: tenant.name, scope: "read" });
  const revoked = await tenant.stream("", { key: text });
  const other = await tenant.stream();
  await revoked.until(isMap);
  await other.until(isMap);
  await runDurableObjectAlarm(tenant.hub);
  await revokeKey(env.DB, id, Date.now());
  await runDurableObjectAlarm(tenant.hub);
  await revoked.ended;
  expect(revoked.events.at(-1)).toMatchObject({
    event: "close",
    data: { reason: "key" },
  });
  await postDrift(tenant, "drift-2");
  await other.until(({ event }) => event === "drift");
  await other.stop();
});

test("LiveHub ends connections after MAX_LIVE_CONNECTION_S, with a reason", async () => {
  const tenant = new LiveTenant();
  const stream = await tenant.stream();
  const socket = await tenant.socket();
  vi.spyOn(Date, "now")
    .mockReturnValue(Date.now() + MAX_LIVE_CONNECTION_S * 1000);
  await runDurableObjectAlarm(tenant.hub);
  await stream.ended;
  expect(await socket.closed).toMatchObject({ code: 1001 });
  for (const { events } of [stream, socket]) {
    expect(events.at(-1)).toMatchObject({ data: { reason: "lifetime" } });
  }
  expect(await alarmOf(tenant)).toBe(null);
});

test("tellChanges() has listeners told of an anomaly that goes on, where somebody listens", async () => {
  const tenant = new LiveTenant();
  const stream = await tenant.stream();
  await stream.until(isMap);
  const service = { namespace: "", name: "cart", environment: "" };
  const aggregate = env.SERVICE_AGGREGATE.getByName(
    serviceAggregateName(tenant.name, service),
  );
  for (const isHeard of [false, true]) {
    const id = isHeard ? "heard" : "unheard";
    await runInDurableObject(aggregate, async (_, { storage }) => {
      const changes = new ChangeBook(storage.sql);
      changes.note({ raised: [], updated: [anomalyOf(id)], ended: [] });
      const asked = { tenant: tenant.name, nowMs: NOW_MS, isHeard };
      await tellChanges({ ...env }, { changes, ...asked });
    });
  }
  const { data } = await stream.until(({ event }) => event === "anomaly");
  expect(data).toMatchObject({ id: "heard", state: "open" });
  await stream.stop();
});
