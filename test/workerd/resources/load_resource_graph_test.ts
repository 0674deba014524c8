import { env } from "cloudflare:workers";
import { expect, inject, test } from "vitest";
import { loadResourceGraph } from "../../../src/resources/load_resource_graph.ts";
import { GRAPH_FRESH_MS } from "../../../src/resources/pull_graph.ts";
import { settledWithin } from "../../../src/storage/settled_within.ts";
import { makeNode } from "../../resources/make_node.ts";

const START_MS = 1_700_000_000_000;

/** A SkyGraph that answers graphs of one node each. */
class OneNode {
  readonly url: string;

  constructor(speed: "echo" | "slow") {
    this.url = `${inject("targetUrl")}/${speed}/${crypto.randomUUID()}`;
  }

  async serve(id: string): Promise<void> {
    await fetch(`${this.url}/api/v1/graph`, {
      method: "POST",
      body: JSON.stringify({ nodes: [makeNode(id)], edges: null }),
    });
  }
}

async function load(skygraph: OneNode, tenant: string, nowMs: number) {
  const under: Promise<unknown>[] = [];
  const { state, index } = await loadResourceGraph(env, {
    tenant,
    settings: { skygraph: { url: skygraph.url, apiKey: null } },
    nowMs,
    waitUntil: (promise) => under.push(promise),
  });
  const ids = index.graph.nodes.map(({ id }) => id);
  return { state, ids, pulled: Promise.all(under), asks: under.length };
}

test("loadResourceGraph() waits for the first graph alone, and pulls a stale one after the answer", async () => {
  const skygraph = new OneNode("slow");
  await skygraph.serve("aws:ec2:i-1");
  const first = await load(skygraph, "default", START_MS);
  expect(first.ids).toEqual(["aws:ec2:i-1"]);
  await skygraph.serve("aws:ec2:i-2");
  const fresh = await load(skygraph, "default", START_MS + GRAPH_FRESH_MS - 1);
  expect([fresh.asks, fresh.ids]).toEqual([0, ["aws:ec2:i-1"]]);
  const stale = await load(skygraph, "default", START_MS + GRAPH_FRESH_MS);
  expect([stale.asks, stale.ids]).toEqual([1, ["aws:ec2:i-1"]]);
  expect(await settledWithin(stale.pulled, 1)).toBe(false);
  await stale.pulled;
  const next = await load(skygraph, "default", START_MS + GRAPH_FRESH_MS + 1);
  expect([next.asks, next.ids]).toEqual([0, ["aws:ec2:i-2"]]);
  expect(next.state?.askedMs).toBe(START_MS + GRAPH_FRESH_MS);
});

test("loadResourceGraph() asks SkyGraph for no tenant but default", async () => {
  const skygraph = new OneNode("echo");
  await skygraph.serve("aws:ec2:i-1");
  const other = await load(skygraph, "other", START_MS);
  expect([other.asks, other.state, other.ids]).toEqual([0, null, []]);
});
