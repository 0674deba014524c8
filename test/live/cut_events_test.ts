import { expect, test } from "vitest";
import { changeEvents, mapEvents } from "../../src/live/cut_events.ts";
import type { LiveEvent } from "../../src/live/live_event.ts";
import { MAX_EVENT_ENTRIES } from "../../src/live/live_limits.ts";
import type { ServiceMap } from "../../src/query/service_map.ts";
import { NOW_MS, windowsOf } from "../query/observed_calls.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import { buildServiceGraph } from "../../src/query/service_graph.ts";
import { serviceMap } from "../../src/query/service_map.ts";
import { LiveView } from "./live_view.ts";

/** A map of a service that calls so many others: nodes are edges and one. */
function starMap(edges: number): ServiceMap {
  const calls = Array.from({ length: edges }, (_, at) => ({
    atS: 0,
    key: {
      from: virtualNode("web"),
      to: virtualNode(`callee-${at}`),
      connectionType: "" as const,
      system: "",
      destination: "",
    },
    durationNs: 1e6,
    clientNs: null,
    failed: false,
    weight: 1,
    corrected: false,
  }));
  const graph = buildServiceGraph(windowsOf({ calls, spans: [] }), NOW_MS);
  return serviceMap(graph, {}, {
    startMs: 0,
    endMs: NOW_MS,
    nowMs: NOW_MS,
    warnings: [],
  });
}

function entriesOf({ event, data }: LiveEvent): number {
  if (event === "map") return data.nodes.length + data.edges.length;
  if (event !== "edges") return 0;
  return data.nodes.length + data.edges.length + data.removed_nodes.length +
    data.removed_edges.length;
}

test("mapEvents() puts MAX_EVENT_ENTRIES into one event, and one more into another", () => {
  // A node more than edges.
  const odd = starMap((MAX_EVENT_ENTRIES - 2) / 2);
  const even = { ...odd, nodes: [...odd.nodes, ...odd.nodes.slice(0, 1)] };
  expect(mapEvents(even).map(entriesOf)).toEqual([MAX_EVENT_ENTRIES]);
  const larger = starMap(MAX_EVENT_ENTRIES / 2);
  const events = mapEvents(larger);
  expect(events.map(entriesOf)).toEqual([MAX_EVENT_ENTRIES, 1]);
  expect(events.map(({ event }) => event)).toEqual(["map", "edges"]);
});

test("mapEvents() and changeEvents() lose nothing, however large the map", () => {
  const map = starMap(3 * MAX_EVENT_ENTRIES);
  const view = new LiveView();
  for (const event of mapEvents(map)) view.take(event);
  expect(view.map).toEqual(map);
  const { nodes: _nodes, edges: _edges, ...window } = map;
  const removed = changeEvents({
    nodes: [],
    edges: [],
    removed_nodes: map.nodes.map(({ id }) => id),
    removed_edges: map.edges.map(({ from_id, to_id, connection_type }) => ({
      from_id,
      to_id,
      connection_type,
    })),
    ...window,
  });
  for (const event of removed) {
    expect(entriesOf(event)).toBeLessThanOrEqual(MAX_EVENT_ENTRIES);
    view.take(event);
  }
  expect(view.map).toEqual({ nodes: [], edges: [], ...window });
});

test("mapEvents() of an empty map is an empty map", () => {
  const map = starMap(0);
  expect(mapEvents(map)).toEqual([{ event: "map", data: map }]);
});
