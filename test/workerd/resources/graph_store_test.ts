import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  claimAsking,
  GRAPH_PART_BYTES,
  noteFailure,
  readGraph,
  readGraphState,
  writeGraph,
} from "../../../src/resources/graph_store.ts";
import {
  MAX_GRAPH_BYTES,
  type ResourceGraph,
} from "../../../src/resources/resource_graph.ts";
import { largeGraph, makeNode } from "../../resources/make_node.ts";

const SMALL: ResourceGraph = { nodes: [makeNode("aws:ec2:i-1")], edges: [] };

async function partsOf(tenant: string): Promise<readonly number[]> {
  const { results } = await env.DB.prepare(
    "SELECT length(body) AS bytes FROM resource_graph_part WHERE tenant = ?",
  ).bind(tenant).all<{ bytes: number }>();
  return results.map(({ bytes }) => bytes);
}

async function rowsOf(tenant: string): Promise<readonly number[]> {
  const { results } = await env.DB.prepare(
    "SELECT rowid AS id FROM resource_graph_part WHERE tenant = ?",
  ).bind(tenant).all<{ id: number }>();
  return results.map(({ id }) => id);
}

test("writeGraph() stores a graph of 10,000 nodes, in rows that the platform takes, and readGraph() reads it", async () => {
  const graph = largeGraph(10_000);
  expect(graph.nodes).toHaveLength(10_000);
  expect(JSON.stringify(graph).length).toBeGreaterThan(6_000_000);
  const state = await writeGraph(env.DB, "large", {
    graph,
    source: "pushed",
    nowMs: 1000,
  });
  expect(state).toMatchObject({ nodes: 10_000, edges: 29_970 });
  expect(await readGraph(env.DB, "large", state.version)).toEqual(graph);
  for (const bytes of await partsOf("large")) {
    expect(bytes).toBeLessThanOrEqual(GRAPH_PART_BYTES);
  }
});

test("writeGraph() cuts what does not fit a row, and replaces all of the graph before", async () => {
  const random = new Uint8Array(900_000);
  for (let at = 0; at < random.length; at += 65_536) {
    crypto.getRandomValues(random.subarray(at, at + 65_536));
  }
  // Nothing of it can be deflated to less than three quarters.
  const noise = random.toBase64();
  expect(noise.length).toBeLessThan(MAX_GRAPH_BYTES);
  const graph = {
    nodes: [makeNode("aws:ec2:i-1", { metadata: { noise } })],
    edges: [],
  };
  const source = "pushed";
  const first = await writeGraph(env.DB, "cut", { graph, source, nowMs: 1 });
  const parts = await partsOf("cut");
  expect(parts.length).toBe(2);
  expect(parts[0]).toBe(GRAPH_PART_BYTES);
  expect(await readGraph(env.DB, "cut", first.version)).toEqual(graph);
  await writeGraph(env.DB, "other", { graph: SMALL, source, nowMs: 1 });
  const second = await writeGraph(env.DB, "cut", {
    graph: SMALL,
    source,
    nowMs: 2,
  });
  expect(await partsOf("cut")).toHaveLength(1);
  expect(await readGraph(env.DB, "cut", first.version)).toBe(null);
  expect(await readGraph(env.DB, "cut", second.version)).toEqual(SMALL);
  expect(await readGraph(env.DB, "other", second.version)).toEqual(SMALL);
  await writeGraph(env.DB, "later", { graph: SMALL, source, nowMs: 2 });
  const rows = await rowsOf("cut");
  // The same again: it is as new as that, and nothing else changes.
  const third = await writeGraph(env.DB, "cut", {
    graph: SMALL,
    source,
    nowMs: 3,
  });
  expect(third).toEqual({ ...second, receivedMs: 3 });
  expect(await readGraphState(env.DB, "cut")).toEqual(third);
  expect(await rowsOf("cut")).toEqual(rows);
});

test("claimAsking() lets one ask at a time, and a failure leaves the graph as it is", async () => {
  const tenant = "asked";
  expect(await readGraphState(env.DB, tenant)).toBe(null);
  const claims = await Promise.all(
    Array.from(
      { length: 5 },
      () => claimAsking(env.DB, tenant, { nowMs: 100_000, beforeMs: 40_000 }),
    ),
  );
  expect(claims.filter(Boolean)).toHaveLength(1);
  const early = { nowMs: 159_999, beforeMs: 99_999 };
  expect(await claimAsking(env.DB, tenant, early)).toBe(false);
  const state = await writeGraph(env.DB, tenant, {
    graph: SMALL,
    source: "skygraph",
    nowMs: 100_000,
  });
  const late = { nowMs: 160_000, beforeMs: 100_000 };
  expect(await claimAsking(env.DB, tenant, late)).toBe(true);
  await noteFailure(env.DB, tenant, "it cannot be reached");
  expect(await readGraphState(env.DB, tenant)).toEqual({
    ...state,
    askedMs: 160_000,
    failure: "it cannot be reached",
  });
  expect(await readGraph(env.DB, tenant, state.version)).toEqual(SMALL);
  // A graph that is pushed says nothing of SkyGraph.
  const pushed = await writeGraph(env.DB, tenant, {
    graph: SMALL,
    source: "pushed",
    nowMs: 170_000,
  });
  expect(pushed.failure).toBe("it cannot be reached");
});
