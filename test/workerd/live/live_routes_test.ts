import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import {
  type LiveEvent,
  liveEventSchema,
} from "../../../src/live/live_event.ts";
import { liveEvents } from "../../../src/live/live_events.ts";
import {
  LISTENERS_RETRY_S,
  MAX_CLIENT_MESSAGE_BYTES,
  MAX_CLIENT_MESSAGES,
  MAX_LISTENERS,
} from "../../../src/live/live_limits.ts";
import { KEY_PROTOCOL_PREFIX } from "../../../src/live/live_protocol.ts";
import { serviceMapSchema } from "../../../src/query/service_map.ts";
import { LiveView, withoutClock } from "../../live/live_view.ts";
import { storedKey } from "../access/closed_service.ts";
import { LiveTenant } from "./live_tenant.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The map that the events add up to. */
function viewOf(events: readonly LiveEvent[]): unknown {
  const view = new LiveView();
  for (const event of events) view.take(liveEventSchema.parse(event));
  return withoutClock(view.map);
}

async function askMap(tenant: LiveTenant, query = ""): Promise<unknown> {
  const answer = await tenant.ask(`/api/v1/servicemap${query}`);
  return withoutClock(serviceMapSchema.parse(await answer.json()));
}

/** Whether an event shows an edge to a service. */
function showsEdgeTo(name: string): (event: LiveEvent) => boolean {
  return (event) =>
    (event.event === "map" || event.event === "edges") &&
    event.data.edges.some(({ to }) => to === name);
}

function isMap({ event }: LiveEvent): boolean {
  return event === "map";
}

test("GET /api/v1/live tells an event stream and a WebSocket the map, and each change of it, as GET /api/v1/servicemap has it", async () => {
  const tenant = new LiveTenant();
  await tenant.post("web", "cart");
  await expect.poll(() => askMap(tenant), { timeout: 10_000 })
    .toMatchObject({ edges: [{ to: "cart" }] });
  const stream = await tenant.stream();
  const socket = await tenant.socket();
  for (const { until, events } of [stream, socket]) {
    await until(isMap);
    expect(viewOf(events)).toEqual(await askMap(tenant));
  }
  await tenant.post("cart", "pay");
  await tenant.post("web", "cart");
  for (const { until, events } of [stream, socket]) {
    await until(showsEdgeTo("pay"));
    await expect.poll(async () => {
      const [known, truth] = [viewOf(events), await askMap(tenant)];
      expect(known).toEqual(truth);
      return true;
    }, { timeout: 10_000 }).toBe(true);
    expect(events.filter(isMap)).toHaveLength(1);
  }
  socket.socket.close(1000);
  await stream.stop();
});

test("GET /api/v1/live?service= tells of the map around a service", async () => {
  const tenant = new LiveTenant();
  await tenant.post("web", "cart");
  await tenant.post("cart", "pay");
  await tenant.post("pay", "bank");
  await expect.poll(() => askMap(tenant), { timeout: 10_000 })
    .toMatchObject({ edges: [{}, {}, {}] });
  const query = "?service=web&depth=2&direction=down";
  const stream = await tenant.stream(query);
  await stream.until(isMap);
  expect(viewOf(stream.events)).toEqual(await askMap(tenant, query));
  await tenant.post("pay", "bank");
  await tenant.post("web", "mail");
  await stream.until(showsEdgeTo("mail"));
  expect(stream.events.some(showsEdgeTo("bank"))).toBe(false);
  await stream.stop();
});

test("GET /api/v1/live answers what it cannot do", async () => {
  const tenant = new LiveTenant();
  const statusOf = async (path: string, headers = {}) => {
    const answer = await tenant.ask(path, { headers });
    expect(answer.headers.get("content-type")).toContain("application/json");
    return answer.status;
  };
  expect(await statusOf("/api/v1/live?service=nobody")).toBe(404);
  expect(await statusOf("/api/v1/live?depth=2")).toBe(400);
  expect(await statusOf("/api/v1/live?start=1")).toBe(400);
  expect(await statusOf("/api/v1/live", { upgrade: "h2c" })).toBe(400);
  const evil = { upgrade: "websocket", origin: "https://evil.example" };
  expect(await statusOf("/api/v1/live", evil)).toBe(403);
  const old = { upgrade: "websocket", "sec-websocket-version": "8" };
  expect(await statusOf("/api/v1/live", old)).toBe(426);
  const head = await tenant.ask("/api/v1/live", { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  // None of them is a listener.
  expect(await tenant.hub.announce([])).toBe(false);
});

test("GET /api/v1/live takes a key among the protocols of a WebSocket", async () => {
  const tenant = new LiveTenant();
  const { text } = await storedKey({ tenant: tenant.name, scope: "read" });
  const protocols = `tracecore.live.v1, ${KEY_PROTOCOL_PREFIX}${text}`;
  const answer = await tenant.ask("/api/v1/live", {
    key: "",
    headers: {
      authorization: "",
      upgrade: "websocket",
      "sec-websocket-protocol": protocols,
    },
  });
  expect(answer.status).toBe(101);
  expect(answer.headers.get("sec-websocket-protocol")).toBe(
    "tracecore.live.v1",
  );
  answer.webSocket?.accept();
  answer.webSocket?.close();
  const wrong = await tenant.ask("/api/v1/live", {
    headers: {
      authorization: "",
      upgrade: "websocket",
      "sec-websocket-protocol": `tracecore.live.v1, ${KEY_PROTOCOL_PREFIX}x`,
    },
  });
  expect(wrong.status).toBe(403);
});

test("GET /api/v1/live takes MAX_LISTENERS of a tenant, and one more when one has gone", async () => {
  const tenant = new LiveTenant();
  const sockets = await Promise.all(
    Array.from({ length: MAX_LISTENERS - 1 }, () => tenant.socket()),
  );
  const last = await tenant.stream();
  const refused = await tenant.ask("/api/v1/live");
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe(String(LISTENERS_RETRY_S));
  await refused.text();
  // Another tenant is not concerned.
  const other = await new LiveTenant().stream();
  await other.stop();
  await last.stop();
  await expect.poll(async () => {
    const answer = await tenant.ask("/api/v1/live");
    await answer.body?.cancel();
    return answer.status;
  }, { timeout: 10_000 }).toBe(200);
  for (const { socket } of sockets) socket.close(1000);
});

test("a WebSocket of GET /api/v1/live answers ping, passes over MAX_CLIENT_MESSAGES others, and ends with one more", async () => {
  const tenant = new LiveTenant();
  const { socket, closed, until, events } = await tenant.socket();
  await until(isMap);
  const pong = new Promise((resolve) =>
    socket.addEventListener("message", ({ data }) => {
      if (data === "pong") resolve(data);
    })
  );
  for (let sent = 0; sent < MAX_CLIENT_MESSAGES; sent++) socket.send("hello");
  socket.send("ping");
  expect(await pong).toBe("pong");
  expect(events).toHaveLength(1);
  socket.send("hello");
  expect((await closed).code).toBe(1008);
  expect(events.at(-1)).toMatchObject({
    event: "close",
    data: { reason: "too_many_messages" },
  });
});

test("a WebSocket of GET /api/v1/live passes over MAX_CLIENT_MESSAGE_BYTES, and ends with one more", async () => {
  const tenant = new LiveTenant();
  const { socket, closed, until, events } = await tenant.socket();
  await until(isMap);
  socket.send(new Uint8Array(MAX_CLIENT_MESSAGE_BYTES));
  await tenant.post("web", "cart");
  await until(showsEdgeTo("cart"));
  socket.send("é".repeat(MAX_CLIENT_MESSAGE_BYTES / 2) + "x");
  expect((await closed).code).toBe(1009);
  expect(events.at(-1)).toMatchObject({
    data: { reason: "too_large_message" },
  });
});

test("no listener is told what another tenant has", async () => {
  const [alpha, beta] = [new LiveTenant(), new LiveTenant()];
  const stream = await alpha.stream();
  await beta.post("beta-web", "beta-cart");
  const betas = await beta.stream();
  await betas.until(showsEdgeTo("beta-cart"));
  await alpha.post("alpha-web", "alpha-cart");
  await stream.until(showsEdgeTo("alpha-cart"));
  expect(JSON.stringify(stream.events)).not.toContain("beta");
  await stream.stop();
  await betas.stop();
});

test("liveEvents() are what GET /api/v1/live sends, or why there are none", async () => {
  const tenant = new LiveTenant();
  const join = { tenant: tenant.name, keyId: "", selection: {} };
  const listened = await liveEvents(env, join);
  if (!listened.ok) throw listened.problem;
  const events = listened.events.getReader();
  expect((await events.read()).value).toMatchObject({ event: "map" });
  await tenant.post("web", "cart");
  const { value } = await events.read();
  expect(liveEventSchema.parse(value)).toMatchObject({ event: "edges" });
  await events.cancel();
  await expect.poll(() => tenant.hub.announce([]), { timeout: 10_000 })
    .toBe(false);
  const selection = { service: "nobody" };
  const refused = await liveEvents(env, { ...join, selection });
  expect(refused).toMatchObject({ ok: false, problem: { status: 404 } });
});
