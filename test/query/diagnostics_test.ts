import { expect, test } from "vitest";
import { type NodeIdentity, virtualNode } from "../../src/map/node_identity.ts";
import { NodeTrait } from "../../src/map/node_type.ts";
import {
  emptyWindow,
  type ServiceWindow,
  SPAN_COUNTERS,
  type SpanCounters,
} from "../../src/map/service_window.ts";
import { edgeOf } from "../../src/map/window_entries.ts";
import type { AnswerWindow } from "../../src/query/answer_window.ts";
import { diagnostics, diagnosticsSchema } from "../../src/query/diagnostics.ts";
import { buildServiceGraph } from "../../src/query/service_graph.ts";
import { serviceHints } from "../../src/query/service_hints.ts";
import { serviceMap } from "../../src/query/service_map.ts";

const NOW_MS = 600_000;
const WINDOW: AnswerWindow = {
  startMs: 0,
  endMs: NOW_MS,
  nowMs: NOW_MS,
  warnings: [],
};

const WEB = virtualNode("web");
const CART: NodeIdentity = {
  namespace: "shop",
  name: "cart",
  environment: "prod",
};

interface Given {
  readonly service: NodeIdentity;
  readonly counters?: Partial<SpanCounters>;
  readonly traits?: number;
  readonly fill?: (window: ServiceWindow) => void;
}

function graphOf(given: readonly Given[]) {
  const windows = given.flatMap(({ service, counters, traits, fill }) =>
    [0, 60].map((startS) => {
      const window = emptyWindow();
      Object.assign(window.counters, counters);
      window.traits = traits ?? 0;
      if ((counters?.spans ?? 0) > 0) {
        window.firstSeenMs = startS * 1000;
        window.lastSeenMs = startS * 1000 + 1;
      }
      if (startS === 0) fill?.(window);
      return { service, resolution: 60, startS, window };
    })
  );
  return buildServiceGraph(windows, NOW_MS);
}

function diagnosed(given: readonly Given[], selection = {}) {
  return diagnosticsSchema.parse(
    diagnostics(graphOf(given), selection, WINDOW),
  );
}

const ZEROES = {
  spans: 0,
  duplicates: 0,
  unpaired_clients: 0,
  unpaired_servers: 0,
  late: 0,
  too_late: 0,
  skewed: 0,
  oversized_traces: 0,
  overflowed_edges: 0,
  overflowed_operations: 0,
  dropped_endpoints: 0,
};

test("diagnostics() adds every counter up, by service and in all", () => {
  const counters = Object.fromEntries(
    SPAN_COUNTERS.map((name, at) => [name, at + 1]),
  );
  const { services, totals, count } = diagnosed([
    { service: WEB, counters: { spans: 5, late: 1 } },
    { service: CART, counters },
  ]);
  const cart = {
    spans: 2,
    duplicates: 4,
    unpaired_clients: 6,
    unpaired_servers: 8,
    late: 10,
    too_late: 12,
    skewed: 14,
    oversized_traces: 16,
    overflowed_edges: 18,
    overflowed_operations: 20,
    dropped_endpoints: 22,
  };
  expect(services.map(({ id }) => id)).toEqual(["shop/cart@prod", "web"]);
  expect(services[0]).toMatchObject(cart);
  expect(services[1]).toMatchObject({ ...ZEROES, spans: 10, late: 2 });
  expect(totals).toEqual({ ...cart, spans: 12, late: 12 });
  expect(count).toBe(2);
});

test("diagnostics() has a service of which no span counted, unlike the map", () => {
  const given = [{ service: CART, counters: { tooLate: 3 } }];
  const { services } = diagnosed(given);
  expect(services.map(({ service_name }) => service_name)).toEqual(["cart"]);
  expect(services[0]?.hints.map(({ code }) => code)).toEqual(["too_late"]);
  expect(serviceMap(graphOf(given), {}, WINDOW).nodes).toEqual([]);
});

test("diagnostics() is about the service asked for", () => {
  const given = [
    { service: WEB, counters: { spans: 1 } },
    { service: CART, counters: { spans: 1 } },
    { service: { ...CART, environment: "dev" }, counters: { spans: 1 } },
  ];
  function ids(selection: object): string[] {
    return diagnosed(given, selection).services.map(({ id }) => id);
  }
  expect(ids({ service: "cart" })).toEqual(["shop/cart@dev", "shop/cart@prod"]);
  expect(ids({ service: "cart", environment: "dev" }))
    .toEqual(["shop/cart@dev"]);
  expect(ids({ namespace: "shop" }))
    .toEqual(["shop/cart@dev", "shop/cart@prod"]);
  expect(ids({ service: "nobody" })).toEqual([]);
});

test("diagnostics() never shows a counter below 0, which a correction can leave", () => {
  const { services } = diagnosed([
    { service: CART, counters: { spans: 1, unpairedServers: -2 } },
  ]);
  expect(services[0]).toMatchObject({ unpaired_servers: 0, hints: [] });
});

test.each(SPAN_COUNTERS.filter((name) => name !== "spans"))(
  "serviceHints() says how many, whose, why and what to do: %s",
  (name) => {
    const counters = { ...emptyWindow().counters, [name]: 17 };
    const hints = serviceHints("cart", counters);
    expect(hints).toHaveLength(1);
    expect(hints[0]?.count).toBe(17);
    expect(hints[0]?.code.replaceAll("_", "")).toBe(name.toLowerCase());
    expect(hints[0]?.problem).toMatch(/^17 spans of cart .{20}/);
    expect(hints[0]?.advice).toMatch(/^[A-Z].{20}/);
  },
);

test("serviceHints() has nothing to say where all is well", () => {
  const counters = { ...emptyWindow().counters, spans: 1000 };
  expect(serviceHints("cart", counters)).toEqual([]);
});

test("a call to a host named as a service that sends spans is a hint", () => {
  function callTo(name: string) {
    return (window: ServiceWindow): void => {
      edgeOf(window, {
        from: WEB,
        to: virtualNode(name),
        connectionType: "virtual_node",
        system: "",
        destination: "",
      }).latency.record(1e6, 4);
    };
  }
  function hints(host: string, traits = 0) {
    const { services } = diagnosed([
      { service: WEB, counters: { spans: 1 }, traits, fill: callTo(host) },
      { service: CART, counters: { spans: 1 } },
    ], { service: "web" });
    return services[0]?.hints ?? [];
  }
  for (const host of ["cart", "Cart:8080", "cart.shop.svc.cluster.local"]) {
    const [hint] = hints(host);
    expect(hint?.code).toBe("uninstrumented_namesake");
    expect(hint?.count).toBe(4);
    expect(hint?.problem)
      .toContain(`4 requests of web to "${host}" found no server span`);
    expect(hint?.advice).toContain("traceparent");
  }
  expect(hints("cart", NodeTrait.BROWSER)[0]?.advice)
    .toContain("propagateTraceHeaderCorsUrls");
  expect(hints("carts")).toEqual([]);
  expect(hints("api.example")).toEqual([]);
});

test("messages that were taken before they were sent are a hint", () => {
  const { services } = diagnosed([{
    service: WEB,
    counters: { spans: 1 },
    fill: (window) => {
      const edge = edgeOf(window, {
        from: WEB,
        to: CART,
        connectionType: "messaging_system",
        system: "kafka",
        destination: "orders",
      });
      edge.latency.record(1e6, 9);
      edge.skewedQueueTimes = 2;
    },
  }]);
  expect(services[0]?.hints.map(({ code, count }) => [code, count]))
    .toEqual([["skewed_queue_times", 2]]);
});
