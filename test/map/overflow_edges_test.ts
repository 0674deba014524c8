import { expect, test } from "vitest";
import { virtualNode } from "../../src/map/node_identity.ts";
import { emptyWindow } from "../../src/map/service_window.ts";
import {
  edgeOf,
  MAX_EDGES_PER_SERVICE,
  MAX_OVERFLOW_EDGES,
  OVERFLOW_NAME,
} from "../../src/map/window_entries.ts";

test("edgeOf() stays within its limits whatever callers name themselves", () => {
  const window = emptyWindow();
  const overflow = { ...virtualNode(OVERFLOW_NAME), namespace: "" };
  const total = 3 * MAX_EDGES_PER_SERVICE;
  for (let at = 0; at < total; at++) {
    edgeOf(window, {
      from: virtualNode(`caller ${at}`),
      to: at % 2 === 0
        ? virtualNode("cart")
        : { ...overflow, namespace: `namespace ${at}` },
      connectionType: "virtual_node",
      system: "",
      destination: "",
    }).latency.record(1e6, 1);
  }
  expect(window.edges.size)
    .toBe(MAX_EDGES_PER_SERVICE + MAX_OVERFLOW_EDGES + 1);
  const counts = [...window.edges.values()].map((edge) => edge.latency.count);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
  const last = [...window.edges.values()].at(-1);
  expect(last?.key.from.name).toBe(OVERFLOW_NAME);
  expect(last?.latency.count)
    .toBe(total - MAX_EDGES_PER_SERVICE - MAX_OVERFLOW_EDGES);
});
