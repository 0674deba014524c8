import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeId, nodeOfId } from "../../src/map/node_identity.ts";
import { edgeId, OVERFLOW_NAME } from "../../src/map/window_entries.ts";
import type { AnswerWindow } from "../../src/query/answer_window.ts";
import {
  selectionProblems,
  serviceMap,
  serviceMapSchema,
} from "../../src/query/service_map.ts";
import { buildServiceGraph } from "../../src/query/service_graph.ts";
import type { ServiceEdge } from "../../src/query/service_edge.ts";
import {
  DAY_START_S,
  NOW_MS,
  type Observed,
  OBSERVED_S,
  observedArbitrary,
  type ObservedCall,
  SERVICES,
  windowsOf,
} from "./observed_calls.ts";
import { expectQuantiles, totalWeight } from "./true_quantile.ts";

const WINDOW: AnswerWindow = {
  startMs: DAY_START_S * 1000,
  endMs: NOW_MS,
  nowMs: NOW_MS,
  warnings: [],
};

function mapOf(observed: Observed, selection = {}) {
  const graph = buildServiceGraph(windowsOf(observed), NOW_MS);
  return serviceMap(graph, selection, WINDOW);
}

/** The calls that count, by edge. */
function callsByEdge(
  calls: readonly ObservedCall[],
): Map<string, ObservedCall[]> {
  const kept = calls.filter((call) => !call.corrected);
  return Map.groupBy(kept, ({ key }) => edgeId(key));
}

function answeredId(edge: ServiceEdge): string {
  return edgeId({
    from: nodeOfId(edge.from_id),
    to: nodeOfId(edge.to_id),
    connectionType: edge.connection_type,
    system: edge.messaging?.system ?? "",
    destination: edge.messaging?.destination ?? "",
  });
}

test("serviceMap() has exactly the edges that had requests, with exact counts", () => {
  fc.assert(fc.property(observedArbitrary, (observed) => {
    const map = serviceMapSchema.parse(mapOf(observed));
    const truth = callsByEdge(observed.calls);
    expect(map.edges.map(answeredId)).toEqual([...truth.keys()].sort());
    for (const edge of map.edges) {
      const calls = truth.get(answeredId(edge)) ?? [];
      const count = totalWeight(calls);
      const failed = totalWeight(calls.filter((call) => call.failed));
      expect(edge.request_count).toBeCloseTo(count, 5);
      expect(edge.error_count).toBeCloseTo(failed, 5);
      expect(edge.error_rate).toBeCloseTo(failed / count, 5);
      expect(edge.request_rate).toBeCloseTo(count / OBSERVED_S, 9);
      if (calls.every(({ weight }) => weight === 1)) {
        expect(Number.isInteger(edge.request_count)).toBe(true);
      }
    }
  }));
});

test("serviceMap() has percentiles of all windows together, within the sketch", () => {
  fc.assert(fc.property(observedArbitrary, (observed) => {
    // A correction widens the range that a quantile is kept in.
    const calls = observed.calls.filter((call) => !call.corrected);
    const truth = callsByEdge(calls);
    for (const edge of mapOf({ ...observed, calls }).edges) {
      const own = truth.get(answeredId(edge)) ?? [];
      expectQuantiles(
        [edge.latency_p50, edge.latency_p95, edge.latency_p99],
        own,
      );
      const clients = own.flatMap(({ clientNs, weight }) =>
        clientNs === null ? [] : [{ durationNs: clientNs, weight }]
      );
      if (clients.length === 0) {
        expect(edge.client_latency_p50).toBeUndefined();
        continue;
      }
      expectQuantiles([
        edge.client_latency_p50,
        edge.client_latency_p95,
        edge.client_latency_p99,
      ], clients);
    }
  }));
});

test("serviceMap() counts as unpaired what one side alone told of", () => {
  fc.assert(fc.property(observedArbitrary, (observed) => {
    const truth = callsByEdge(observed.calls);
    for (const edge of mapOf(observed).edges) {
      const calls = truth.get(answeredId(edge)) ?? [];
      const oneSided = edge.connection_type === "database" ||
        edge.connection_type === "virtual_node";
      const unpaired = oneSided
        ? calls
        : calls.filter(({ clientNs }) => clientNs === null);
      expect(edge.unpaired).toBeCloseTo(totalWeight(unpaired), 5);
    }
  }));
});

test("serviceMap() has the services that sent spans and the edges' ends, no other node", () => {
  fc.assert(fc.property(observedArbitrary, (observed) => {
    const map = mapOf(observed);
    const ends = observed.calls.filter((call) => !call.corrected)
      .flatMap(({ key }) => [nodeId(key.from), nodeId(key.to)]);
    const senders = observed.spans.map(({ service }) => nodeId(service));
    const ids = [...new Set([...ends, ...senders])].sort();
    expect(map.nodes.map(({ id }) => id)).toEqual(ids);
    for (const node of map.nodes) {
      expect(node.metadata.reported).toBe(senders.includes(node.id));
      if (!node.metadata.reported) continue;
      const times = observed.spans
        .filter(({ service }) => nodeId(service) === node.id)
        .map(({ atS }) => (DAY_START_S + atS) * 1000);
      expect(Date.parse(node.first_seen)).toBe(Math.min(...times));
      expect(Date.parse(node.last_seen)).toBe(Math.max(...times));
    }
  }));
});

test("serviceMap() does not depend on the order of the windows", () => {
  fc.assert(fc.property(
    observedArbitrary.map(windowsOf).chain((windows) =>
      fc.tuple(
        fc.constant(windows),
        fc.shuffledSubarray(windows, {
          minLength: windows.length,
          maxLength: windows.length,
        }),
      )
    ),
    ([windows, shuffled]) => {
      const [one, other] = [windows, shuffled].map((given) =>
        JSON.stringify(serviceMap(buildServiceGraph(given, NOW_MS), {}, WINDOW))
      );
      expect(other).toBe(one);
    },
  ));
});

test("serviceMap() of a namespace has its services' edges and their ends", () => {
  fc.assert(fc.property(
    observedArbitrary,
    fc.record({
      namespace: fc.option(fc.constantFrom("shop", "bank", "none"), {
        nil: undefined,
      }),
      environment: fc.option(fc.constantFrom("prod", "staging"), {
        nil: undefined,
      }),
    }),
    (observed, filter) => {
      const all = mapOf(observed);
      const part = mapOf(observed, filter);
      const own = new Set(
        all.nodes.filter((node) =>
          (filter.namespace ?? node.namespace) === node.namespace &&
          (filter.environment ?? node.environment) === node.environment
        ).map(({ id }) => id),
      );
      const edges = all.edges
        .filter(({ from_id, to_id }) => own.has(from_id) || own.has(to_id));
      expect(part.edges).toEqual(edges);
      const ends = edges.flatMap(({ from_id, to_id }) => [from_id, to_id]);
      expect(part.nodes.map(({ id }) => id))
        .toEqual([...new Set([...own, ...ends])].sort());
    },
  ));
});

/** Edges of walks along `next` of at most `depth` steps from the start. */
function walk(
  edges: readonly ServiceEdge[],
  at: readonly string[],
  { depth, down }: { depth: number; down: boolean },
): Set<ServiceEdge> {
  if (depth === 0) return new Set();
  const steps = edges.filter((edge) =>
    at.includes(down ? edge.from_id : edge.to_id)
  );
  const next = steps.map((edge) => down ? edge.to_id : edge.from_id);
  return new Set([...steps, ...walk(edges, next, { depth: depth - 1, down })]);
}

test("serviceMap() around a service has the edges of walks up to the depth", () => {
  fc.assert(fc.property(
    observedArbitrary,
    fc.constantFrom("web", "cart", "postgres"),
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom("up", "down", "both"),
    (observed, service, depth, direction) => {
      const all = mapOf(observed);
      const part = mapOf(observed, { service, depth, direction });
      const start = all.nodes.filter(({ name }) => name === service)
        .map(({ id }) => id);
      const expected = new Set([
        ...(direction === "up"
          ? []
          : walk(all.edges, start, { depth, down: true })),
        ...(direction === "down"
          ? []
          : walk(all.edges, start, { depth, down: false })),
      ]);
      expect(part.edges).toEqual(
        all.edges.filter((edge) => expected.has(edge)),
      );
      const ends = [...expected].flatMap((edge) => [edge.from_id, edge.to_id]);
      const kept = new Set([...start, ...ends]);
      // A node's figures are those it has on the whole map.
      expect(part.nodes).toEqual(all.nodes.filter(({ id }) => kept.has(id)));
    },
  ));
});

test("serviceMap() around a service means the one of the namespace asked for", () => {
  const [web, cart, , pay] = SERVICES;
  if (web === undefined || cart === undefined || pay === undefined) {
    throw new Error("The services are missing");
  }
  const namesake = { ...cart, namespace: "bank" };
  const calls = [[web, cart], [cart, namesake], [namesake, pay]] as const;
  const observed: Observed = {
    spans: [],
    calls: calls.map(([from, to]) => ({
      atS: 90_000,
      key: { from, to, connectionType: "", system: "", destination: "" },
      durationNs: 1e6,
      clientNs: 2e6,
      failed: false,
      weight: 1,
      corrected: false,
    })),
  };
  const map = mapOf(observed, { service: "cart", namespace: "shop" });
  expect(map.edges.map(({ from_id, to_id }) => `${from_id} ${to_id}`))
    .toEqual(["shop/cart@prod bank/cart@prod", "shop/web@prod shop/cart@prod"]);
});

test("serviceMap() says which services have more than is kept", () => {
  const observed = {
    calls: [],
    spans: [],
  };
  const [web] = windowsOf({
    ...observed,
    spans: [{
      atS: 1,
      service: { namespace: "", name: "web", environment: "" },
      kind: 2,
      operation: "GET /",
      durationNs: 1,
      failed: false,
      weight: 1,
      traits: 0,
    }],
  });
  if (web === undefined) throw new Error("The window is missing");
  web.window.counters.overflowedEdges = 1;
  web.window.counters.droppedEndpoints = 1;
  const graph = buildServiceGraph([web], NOW_MS);
  expect(serviceMap(graph, {}, WINDOW).warnings).toEqual([
    `In one window web had more than 1000 edges: the rest is counted under ` +
    OVERFLOW_NAME,
    "In one window web had more than 100 endpoints: the rest is not listed",
  ]);
});

test("selectionProblems() asks for a service with depth and direction", () => {
  expect(selectionProblems({ depth: 2, direction: "up" })).toEqual([
    {
      parameter: "depth",
      value: "2",
      problem: "needs `service`, the node that the map is drawn around",
    },
    {
      parameter: "direction",
      value: "up",
      problem: "needs `service`, the node that the map is drawn around",
    },
  ]);
  expect(selectionProblems({ service: "cart", depth: 2 })).toEqual([]);
});
