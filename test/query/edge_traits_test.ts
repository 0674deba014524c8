import { expect, test } from "vitest";
import { virtualNode } from "../../src/map/node_identity.ts";
import { nodeType } from "../../src/map/node_type.ts";
import {
  type ConnectionType,
  type EdgeKey,
  emptyWindow,
} from "../../src/map/service_window.ts";
import { edgeOf, OVERFLOW_NAME } from "../../src/map/window_entries.ts";
import { buildServiceGraph } from "../../src/query/service_graph.ts";

interface Call {
  readonly from: string;
  readonly to: string;
  readonly type: ConnectionType;
  readonly system?: string;
  readonly destination?: string;
  readonly count?: number;
}

/** The types of the nodes, where `traits` are those of who sends spans. */
function types(
  calls: readonly Call[],
  traits: Readonly<Record<string, number>>,
): Record<string, string> {
  const windows = Object.entries(traits).map(([name, bits]) => {
    const window = emptyWindow();
    window.traits = bits;
    window.firstSeenMs = 1;
    window.lastSeenMs = 1;
    for (const call of calls.filter(({ from }) => from === name)) {
      edgeOf(window, keyOf(call)).latency.record(1e6, call.count ?? 1);
    }
    // What an unknown caller asks is kept by the one it asks.
    const asked = calls.filter(({ from, to }) =>
      to === name && !(from in traits)
    );
    for (const call of asked) {
      edgeOf(window, keyOf(call)).latency.record(1e6, call.count ?? 1);
    }
    return { service: virtualNode(name), resolution: 60, startS: 0, window };
  });
  const { nodes } = buildServiceGraph(windows, 60_000);
  return Object.fromEntries(
    [...nodes.values()].map((node) => [
      node.identity.name,
      nodeType(node.traits),
    ]),
  );
}

function keyOf({ from, to, type, system, destination }: Call): EdgeKey {
  return {
    from: virtualNode(from),
    to: virtualNode(to),
    connectionType: type,
    system: system ?? "",
    destination: destination ?? "",
  };
}

const SERVES_HTTP = 16 | 128;

test.each([
  ["postgres", "postgresql", "database"],
  ["10.0.0.5:6379", "redis", "cache"],
  ["10.0.0.5:6379", "valkey", "cache"],
  ["10.0.0.5:11211", "memcached", "cache"],
  ["cache-invalidation-db", "postgresql", "database"],
  ["redis-main", "", "cache"],
  ["sessions.cache.example", "", "cache"],
  ["orders", "", "database"],
])("a database %s of system %j is a %s", (to, system, type) => {
  const call: Call = { from: "cart", to, type: "database", system };
  expect(types([call], { cart: SERVES_HTTP })[to]).toBe(type);
});

test("a node that no span comes from has its type from who calls it", () => {
  expect(types([
    { from: "web", to: "api.example", type: "virtual_node" },
    {
      from: "web",
      to: "orders",
      type: "virtual_node",
      system: "kafka",
      destination: "orders",
    },
    { from: "user", to: "web", type: "virtual_node" },
    { from: "partner", to: "web", type: "virtual_node" },
    { from: "web", to: "unseen", type: "" },
    { from: "web", to: "consumer", type: "messaging_system" },
    { from: "web", to: OVERFLOW_NAME, type: "virtual_node" },
  ], { web: SERVES_HTTP })).toEqual({
    "api.example": "external",
    orders: "queue",
    user: "user",
    partner: "external",
    web: "web",
    unseen: "api",
    consumer: "worker",
    [OVERFLOW_NAME]: "unknown",
  });
});

test("a service that mostly users ask is web, one that mostly programs ask is an api", () => {
  const traits = { page: 1, web: SERVES_HTTP, cart: SERVES_HTTP | 64 };
  const found = types([
    { from: "page", to: "web", type: "", count: 5 },
    { from: "web", to: "cart", type: "", count: 100 },
    { from: "user", to: "cart", type: "virtual_node", count: 20 },
  ], traits);
  expect(found).toMatchObject({ page: "browser", web: "web", cart: "api" });
  const half = types([
    { from: "web", to: "cart", type: "", count: 20 },
    { from: "user", to: "cart", type: "virtual_node", count: 20 },
  ], traits);
  expect(half["cart"]).toBe("web");
});

test("a service keeps its type whatever else is called by its name", () => {
  expect(
    types([{ from: "web", to: "cart", type: "virtual_node" }], {
      web: SERVES_HTTP,
      cart: 128,
    }),
  ).toEqual({ web: "api", cart: "api" });
});

test("a timed job that calls nobody is a worker", () => {
  const window = emptyWindow();
  window.lastSeenMs = 1;
  window.firstSeenMs = 1;
  window.roots.duration.record(1e9, 1);
  const service = virtualNode("price-sync");
  const source = { service, resolution: 60, startS: 0, window };
  const node = buildServiceGraph([source], 60_000).nodes.get("price-sync");
  expect(nodeType(node?.traits ?? 0)).toBe("worker");
});
