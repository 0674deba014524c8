import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import type { ShopTraffic } from "../../src/local/shop_span.ts";
import {
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import { edgeOf, operationOf } from "../../src/map/window_entries.ts";
import { isServerSide, StatusCode } from "../../src/map/span_kind.ts";
import { nodeId, type NodeIdentity } from "../../src/map/node_identity.ts";
import { diagnostics } from "../../src/query/diagnostics.ts";
import { serviceDetail } from "../../src/query/service_detail.ts";
import { buildServiceGraph } from "../../src/query/service_graph.ts";
import { serviceList } from "../../src/query/service_list.ts";
import { type ServiceMap, serviceMap } from "../../src/query/service_map.ts";
import type { SourceWindow } from "../../src/history/source_window.ts";
import {
  diagnosticsDifferences,
  mapDifferences,
  operationDifferences,
  serviceListDifferences,
} from "./differences.ts";
import { knownTruth } from "./known_truth.ts";
import { shopTraffic } from "./shop_traffic.ts";

const NOW_MS = 1_790_000_000_000;
const WINDOW = {
  startMs: NOW_MS - 3_600_000,
  endMs: NOW_MS,
  nowMs: NOW_MS,
  warnings: [],
};
const TRAFFIC = shopTraffic(new SeededRandom(1), {
  nowMs: NOW_MS,
  spans: 4_000,
});
const TRUTH = knownTruth(TRAFFIC);
const WINDOWS = windowsOf(TRAFFIC);
const GRAPH = buildServiceGraph(WINDOWS, NOW_MS);

/** What aggregates would hold, had they been told without any joining. */
function windowsOf(traffic: ShopTraffic): SourceWindow[] {
  const windows = new Map<string, SourceWindow>();
  function windowOf(service: NodeIdentity): ServiceWindow {
    const id = nodeId(service);
    const known = windows.get(id) ??
      { service, resolution: 3600, startS: 0, window: emptyWindow() } as const;
    windows.set(id, known);
    return known.window;
  }
  for (const { service, name, kind, ...span } of traffic.spans) {
    const window = windowOf(service.node);
    const ns = Number(span.endNs - span.startNs);
    const isEntry = isServerSide(kind);
    if (isEntry || span.parentSpanId === "") {
      const requests = isEntry ? window.entries : window.roots;
      requests.duration.record(ns, 1);
      if (span.status === StatusCode.ERROR) requests.failed++;
    }
    operationOf(window, { name, kind, status: span.status })
      .duration.record(ns, 1);
    window.counters.spans++;
    window.lastSeenMs = NOW_MS;
  }
  for (const { service, side } of traffic.unpaired) {
    const { counters } = windowOf(service.node);
    if (side === "client") counters.unpairedClients++;
    else counters.unpairedServers++;
  }
  for (const request of traffic.requests) {
    const owner = request.clientNs === null ? request.to : request.from;
    const edge = edgeOf(windowOf(owner), {
      from: request.from,
      to: request.to,
      connectionType: request.connectionType,
      system: request.messagingSystem,
      destination: request.messagingDestination,
    });
    edge.latency.record(request.serverNs ?? request.clientNs ?? 0, 1);
    if (request.clientNs !== null) edge.client.record(request.clientNs, 1);
    if (request.queueNs !== null) edge.queue.record(request.queueNs, 1);
    if (request.failed) edge.failed++;
  }
  return [...windows.values()];
}

function exactMap(): ServiceMap {
  return serviceMap(GRAPH, {}, WINDOW);
}

/** The map with its first edge changed. */
function changedMap(change: Partial<ServiceMap["edges"][number]>): ServiceMap {
  const map = exactMap();
  const [first, ...others] = map.edges;
  if (first === undefined) throw new Error("The map has no edge");
  return { ...map, edges: [{ ...first, ...change }, ...others] };
}

test("mapDifferences() finds nothing in an exact map", () => {
  expect(mapDifferences(exactMap(), TRUTH)).toEqual([]);
});

test("mapDifferences() finds a count, an error and a percentile that are off", () => {
  const [edge] = exactMap().edges;
  if (edge === undefined) throw new Error("The map has no edge");
  const { request_count, error_count, latency_p99 } = edge;
  expect(
    mapDifferences(changedMap({ request_count: request_count + 1 }), TRUTH),
  ).toHaveLength(1);
  expect(mapDifferences(changedMap({ error_count: error_count + 1 }), TRUTH))
    .toHaveLength(1);
  expect(
    mapDifferences(changedMap({ latency_p99: latency_p99 * 1.03 }), TRUTH),
  ).toHaveLength(1);
});

test("mapDifferences() finds an edge and a node that are missing, too many or there twice", () => {
  const map = exactMap();
  const { edges, nodes } = map;
  const [edge] = edges;
  const [node] = nodes;
  if (edge === undefined || node === undefined) throw new Error("Empty map");
  const changes: Partial<ServiceMap>[] = [
    { edges: edges.slice(1) },
    { edges: [...edges, edge] },
    { edges: [...edges, { ...edge, to_id: edge.from_id }] },
    { nodes: nodes.slice(1) },
    { nodes: [...nodes, node] },
    { nodes: [...nodes, { ...node, id: "stranger" }] },
  ];
  for (const change of changes) {
    expect(mapDifferences({ ...map, ...change }, TRUTH)).toHaveLength(1);
  }
});

test("serviceListDifferences() finds what is off, and nothing else", () => {
  const list = serviceList(GRAPH, {}, WINDOW);
  expect(serviceListDifferences(list, TRUTH)).toEqual([]);
  const [first, ...others] = list.services;
  if (first === undefined) throw new Error("No service is listed");
  const wrong = { ...first, error_count: first.error_count + 1 };
  expect(serviceListDifferences(
    { ...list, services: [wrong, ...others] },
    TRUTH,
  )).toHaveLength(1);
  expect(serviceListDifferences({ ...list, services: others }, TRUTH))
    .toHaveLength(1);
});

test("operationDifferences() finds what is off, and nothing else", () => {
  for (const wanted of TRUTH.services.values()) {
    const { name, ...filter } = wanted.service.node;
    const detail = serviceDetail(name, filter, {
      graph: GRAPH,
      windows: WINDOWS,
      window: WINDOW,
    });
    expect(operationDifferences(detail, wanted)).toEqual([]);
    expect(operationDifferences(
      { ...detail, operations: detail.operations.slice(1) },
      wanted,
    )).toHaveLength(1);
  }
});

test("diagnosticsDifferences() finds what is off, and nothing else", () => {
  const answer = diagnostics(GRAPH, {}, WINDOW);
  expect(diagnosticsDifferences(answer, TRUTH)).toEqual([]);
  const services = answer.services.map((service) => ({
    ...service,
    unpaired_clients: service.unpaired_clients + 1,
  }));
  expect(diagnosticsDifferences({ ...answer, services }, TRUTH))
    .toHaveLength(TRUTH.services.size);
});
