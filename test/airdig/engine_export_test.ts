import { expect, test } from "vitest";
import {
  engineExports,
  engineExportSchema,
  MAX_ENGINE_ITEMS,
} from "../../src/airdig/engine_export.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import {
  type ConnectionType,
  emptyWindow,
} from "../../src/map/service_window.ts";
import { edgeOf } from "../../src/map/window_entries.ts";
import { withResources } from "../../src/query/graph_resources.ts";
import {
  buildServiceGraph,
  type ServiceGraph,
} from "../../src/query/service_graph.ts";
import { GraphIndex } from "../../src/resources/graph_index.ts";

const WINDOW = {
  startMs: 60_000,
  endMs: 120_000,
  nowMs: 200_000,
  warnings: [],
};

/** web calls each of so many others. */
function graphOf(callees: number): ServiceGraph {
  const from = virtualNode("web");
  const windows = Array.from({ length: callees }, (_, at) => {
    const window = emptyWindow();
    const to = virtualNode(`callee ${at}`);
    const key = { from, to, connectionType: "", system: "", destination: "" };
    edgeOf(window, key as never).latency.record(20e6, 1);
    return { service: from, resolution: 60, startS: 60, window } as const;
  });
  return buildServiceGraph(windows, 200_000);
}

test("engineExports() makes one edge of all that goes between two nodes, and links of their resources", () => {
  const window = emptyWindow();
  const [from, to] = [virtualNode("web"), virtualNode("10.0.0.7")];
  const kinds: readonly ConnectionType[] = ["", "database"];
  kinds.forEach((connectionType, at) => {
    const key = { from, to, connectionType, system: "", destination: "" };
    const edge = edgeOf(window, key);
    edge.latency.record(100e6, 3);
    edge.failed += at;
  });
  const graph = buildServiceGraph(
    [{ service: from, resolution: 60, startS: 60, window }],
    200_000,
  );
  const index = new GraphIndex({
    nodes: [{
      id: "aws:rds:a",
      type: "rds",
      provider: "aws",
      region: "",
      name: "",
      metadata: { private_ip: "10.0.0.7" },
      tags: {},
      createdAt: "",
      updatedAt: "",
    }],
    edges: [],
  });
  const [exported, ...others] = engineExports(
    withResources(graph, { mappings: [], index }),
    WINDOW,
  );
  expect(others).toEqual([]);
  expect(engineExportSchema.parse(exported)).toMatchObject({
    edges: [{
      from: "web",
      to: "10.0.0.7",
      latency: expect.toSatisfy((ns) => Math.abs(ns / 100e6 - 1) < 1e-9),
      error_rate: 1 / 6,
      request_rate: 0.1,
      timestamp: "1970-01-01T00:02:00.000Z",
    }],
    nodes: [{ name: "10.0.0.7", resource_id: "aws:rds:a" }, { name: "web" }],
    links: [{ resource_id: "aws:rds:a", service_name: "10.0.0.7" }],
    window_start: "1970-01-01T00:01:00.000Z",
    window_end: "1970-01-01T00:02:00.000Z",
  });
});

test("engineExports() makes nothing of an empty window", () => {
  expect(engineExports(buildServiceGraph([], 0), WINDOW)).toEqual([]);
});

test("engineExports() cuts a window with more than MAX_ENGINE_ITEMS nodes", () => {
  // With `web` itself: as many nodes as there may be, and one more.
  expect(engineExports(graphOf(MAX_ENGINE_ITEMS - 1), WINDOW)).toHaveLength(1);
  const exports = engineExports(graphOf(MAX_ENGINE_ITEMS), WINDOW);
  expect(exports.map(({ nodes, edges }) => [nodes.length, edges.length]))
    .toEqual([[MAX_ENGINE_ITEMS, MAX_ENGINE_ITEMS], [1, 0]]);
});
