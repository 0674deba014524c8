import { env } from "cloudflare:workers";
import { expect, inject, test, vi } from "vitest";
import { NO_KEY_LIMITS } from "../../../src/access/caller.ts";
import { serviceDetailSchema } from "../../../src/query/service_detail.ts";
import { serviceListSchema } from "../../../src/query/service_list.ts";
import { serviceMapSchema } from "../../../src/query/service_map.ts";
import { statusSchema } from "../../../src/query/status.ts";
import {
  MAX_NEIGHBOURS,
  resourceDetailSchema,
  resourceListSchema,
  resourceServicesSchema,
  takenGraphSchema,
} from "../../../src/resources/resource_answer.ts";
import { MAX_GRAPH_BYTES } from "../../../src/resources/resource_graph.ts";
import { MAX_RESOURCE_LIMIT } from "../../../src/resources/resource_parameters.ts";
import { MAX_RESOURCE_DRIFTS } from "../../../src/resources/resource_routes.ts";
import { GRAPH_FRESH_MS } from "../../../src/resources/pull_graph.ts";
import { runScheduled } from "../../../src/scheduled.ts";
import { largeGraph } from "../../resources/make_node.ts";
import { otlpRequest } from "../../resources/otlp_request.ts";
import { ask, storedKey } from "../access/closed_service.ts";

const RESOURCES = "/api/v1/resources";
const TYPE = { "content-type": "application/json" };

const GRAPH = {
  nodes: [
    {
      id: "aws:ec2:i-123456",
      type: "ec2",
      provider: "aws",
      name: "cart-1",
      metadata: {
        instance_id: "i-123456",
        private_ip: "10.0.1.5",
        security_groups: ["sg-123456"],
        vpc_id: "vpc-1",
      },
    },
    { id: "aws:sg:sg-123456", type: "security_group", provider: "aws" },
    {
      id: "aws:rds:orders",
      type: "rds",
      provider: "aws",
      metadata: { endpoint: "orders.rds.example:5432" },
    },
    { id: "k8s:pod:web-7", type: "k8s_pod", provider: "k8s" },
  ],
  edges: [
    { from: "aws:ec2:i-123456", to: "aws:sg:sg-123456", type: "network" },
    { from: "aws:ec2:i-123456", to: "aws:rds:orders", type: "dependency" },
    { from: "aws:ec2:i-123456", to: "aws:vpc:gone", type: "network" },
  ],
};

async function keyOf(tenant: string): Promise<string> {
  return (await storedKey({ tenant, scope: "admin" })).text;
}

function put(key: string, body: unknown): Promise<Response> {
  return ask(RESOURCES, { method: "PUT", key, body });
}

/** One request to cart, which asks its database. */
async function postTraffic(key: string): Promise<void> {
  const traceId = crypto.randomUUID().replaceAll("-", "");
  const spanId = traceId.slice(16);
  const body = otlpRequest([{
    attributes: { "service.name": "cart", "host.id": "i-123456" },
    spans: [{ traceId, spanId }, {
      traceId,
      spanId: traceId.slice(0, 16),
      parentSpanId: spanId,
      kind: 3,
      attributes: {
        "db.system.name": "postgresql",
        "server.address": "orders.rds.example",
      },
    }],
  }, {
    attributes: { "service.name": "laptop", "host.name": "at-home" },
    spans: [{ traceId, spanId: "00000000000000aa", parentSpanId: spanId }],
  }], Date.now());
  const answer = await ask("/v1/traces", { method: "POST", key, body });
  expect(answer.status).toBe(200);
}

test("services are linked to resources by their spans, databases by their address", async () => {
  const key = await keyOf("linked");
  await postTraffic(key);
  // Without a graph, what spans name is known all the same.
  const before = resourceListSchema.parse(
    await (await ask(RESOURCES, { key })).json(),
  );
  expect(before.resources.map(({ id, type, in_graph, services }) => [
    id,
    type,
    in_graph,
    services,
  ])).toEqual([
    ["at-home", "host", false, ["laptop"]],
    ["aws:ec2:i-123456", "ec2", false, ["cart"]],
  ]);
  expect(before.graph).toBe(null);

  const taken = await put(key, GRAPH);
  expect(takenGraphSchema.parse(await taken.json()))
    .toEqual({ nodes: 4, edges: 2, loose_edges: 1 });
  await vi.waitFor(async () => {
    const answer = await ask("/api/v1/servicemap", { key });
    const { nodes } = serviceMapSchema.parse(await answer.json());
    expect(nodes.map(({ id, resource_id }) => [id, resource_id])).toEqual([
      ["cart", "aws:ec2:i-123456"],
      ["laptop", "at-home"],
      ["orders.rds.example", "aws:rds:orders"],
      ["user", undefined],
    ]);
  }, { timeout: 15_000, interval: 200 });

  const list = resourceListSchema.parse(
    await (await ask(`${RESOURCES}?provider=aws`, { key })).json(),
  );
  expect(list.resources.map(({ id, in_graph, services }) => [
    id,
    in_graph,
    services,
  ])).toEqual([
    ["aws:ec2:i-123456", true, ["cart"]],
    ["aws:rds:orders", true, ["orders.rds.example"]],
    ["aws:sg:sg-123456", true, []],
  ]);
  expect(list.graph).toMatchObject({ source: "pushed", nodes: 4, edges: 2 });

  await ask("/api/v1/drift-events", {
    method: "POST",
    key,
    body: Array.from({ length: MAX_RESOURCE_DRIFTS + 1 }, (_, at) => ({
      id: `d-${at}`,
      resource_id: "i-123456",
      type: "modified",
      timestamp: 1_700_000_000 + at,
    })),
  });
  for (const id of ["aws:ec2:i-123456", "i-123456"]) {
    const answer = await ask(`${RESOURCES}/${id}`, { key });
    const detail = resourceDetailSchema.parse(await answer.json());
    expect(detail).toMatchObject({
      id: "aws:ec2:i-123456",
      type: "ec2",
      in_graph: true,
      metadata: { private_ip: "10.0.1.5" },
      services: [{
        service_name: "cart",
        resource_id: "aws:ec2:i-123456",
        resource_type: "ec2",
        confidence: 0.9,
        trace_count: 1,
        source: "host.id",
      }],
      neighbours: [
        { id: "aws:sg:sg-123456", edge_type: "network", direction: "out" },
        { id: "aws:rds:orders", edge_type: "dependency" },
        { id: "aws:sg:sg-123456", edge_type: "reference" },
      ],
    });
    expect(detail.drift).toHaveLength(MAX_RESOURCE_DRIFTS);
    expect(detail.drift[0]?.id).toBe(`d-${MAX_RESOURCE_DRIFTS}`);
    const services = await ask(`${RESOURCES}/${id}/services`, { key });
    expect(resourceServicesSchema.parse(await services.json()))
      .toEqual({
        resource_id: detail.id,
        services: detail.services,
        count: 1,
      });
  }
  const database = await ask(`${RESOURCES}/orders/services`, { key });
  expect(await database.json()).toMatchObject({
    resource_id: "aws:rds:orders",
    services: [{ service_name: "orders.rds.example", source: "endpoint" }],
  });
  const spare = await ask(`${RESOURCES}/at-home`, { key });
  expect(await spare.json()).toMatchObject({ type: "host", in_graph: false });

  const services = serviceListSchema.parse(
    await (await ask("/api/v1/services", { key })).json(),
  ).services;
  expect(services.map(({ id, resource_ids }) => [id, resource_ids]))
    .toEqual([["cart", ["aws:ec2:i-123456"]], ["laptop", ["at-home"]]]);
  const cart = serviceDetailSchema.parse(
    await (await ask("/api/v1/services/cart", { key })).json(),
  );
  expect(cart.resources).toMatchObject([{
    resource_id: "aws:ec2:i-123456",
    service_id: "cart",
  }]);

  const other = await keyOf("linked-not");
  const theirs = await ask(RESOURCES, { key: other });
  expect(await theirs.json()).toMatchObject({ resources: [], graph: null });
  expect((await ask(`${RESOURCES}/i-123456`, { key: other })).status).toBe(404);
});

test("a key for a page's services cannot say where another service is", async () => {
  const tenant = "pages";
  const key = await keyOf(tenant);
  await put(key, {
    nodes: [{
      id: "aws:rds:orders",
      type: "rds",
      metadata: { private_ip: "10.0.0.9" },
    }],
    edges: [],
  });
  async function call(poster: string): Promise<readonly unknown[]> {
    const traceId = crypto.randomUUID().replaceAll("-", "");
    const body = otlpRequest([{
      attributes: { "service.name": "page" },
      spans: [{
        traceId,
        spanId: traceId.slice(16),
        kind: 3,
        attributes: { "peer.service": "shop", "server.address": "10.0.0.9" },
      }],
    }], Date.now());
    const posted = { method: "POST", key: poster, body };
    expect((await ask("/v1/traces", posted)).status).toBe(200);
    const answer = await ask(`${RESOURCES}/orders/services`, { key });
    const { services } = resourceServicesSchema.parse(await answer.json());
    return services.map(({ service_id, source }) => [service_id, source]);
  }
  for (const limit of [{ services: ["page"] }, { origins: ["https://a.b"] }]) {
    const limits = { ...NO_KEY_LIMITS, ...limit };
    const page = await storedKey({ tenant, scope: "ingest", limits });
    expect(await call(page.text)).toEqual([]);
  }
  const server = await storedKey({ tenant, scope: "ingest" });
  expect(await call(server.text)).toEqual([["shop", "server.address"]]);
});

test("a graph of 10,000 nodes is taken, and answered, within seconds", async () => {
  const key = await keyOf("large");
  const graph = largeGraph(10_000);
  const startMs = performance.now();
  const taken = await put(key, {
    nodes: graph.nodes.map(({ createdAt: created_at, ...node }) => ({
      ...node,
      created_at,
    })),
    edges: graph.edges,
  });
  expect(await taken.json()).toMatchObject({ nodes: 10_000, edges: 29_970 });
  const subnet = await ask(`${RESOURCES}/subnet-3`, { key });
  expect(await subnet.json()).toMatchObject({
    id: "aws:subnet:subnet-3",
    neighbour_count: 2997,
  });
  expect(performance.now() - startMs).toBeLessThan(20_000);
});

test("the list is paged, and filtered by type", async () => {
  const key = await keyOf("paged");
  await put(key, {
    nodes: Array.from({ length: 25 }, (_, at) => ({
      id: `aws:ec2:i-${at}`,
      type: at % 2 === 0 ? "ec2" : "rds",
    })),
    edges: [],
  });
  const ids: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = `type=ec2&limit=5&cursor=${cursor}`;
    const answer = await ask(`${RESOURCES}?${query}`, { key });
    const page = resourceListSchema.parse(await answer.json());
    ids.push(...page.resources.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  expect(ids).toHaveLength(13);
  expect(ids).toEqual(ids.toSorted());
  const most = await ask(`${RESOURCES}?limit=${MAX_RESOURCE_LIMIT}`, { key });
  expect(await most.json()).toMatchObject({ count: 25, next_cursor: null });
  const more = await ask(`${RESOURCES}?limit=${MAX_RESOURCE_LIMIT + 1}`, {
    key,
  });
  expect(more.status).toBe(400);
});

test("an id that names several resources is refused, and a hub's neighbours are not all listed", async () => {
  const key = await keyOf("several");
  const instances = Array.from(
    { length: MAX_NEIGHBOURS + 1 },
    (_, at) => ({ id: `aws:ec2:i-${at}`, type: "ec2" }),
  );
  await put(key, {
    nodes: [
      ...instances,
      { id: "aws:vpc:vpc-1", type: "vpc" },
      { id: "aws:rds:orders", type: "rds" },
      { id: "aws:lambda:orders", type: "lambda" },
    ],
    edges: instances.map(({ id }) => ({
      from: id,
      to: "aws:vpc:vpc-1",
      type: "network",
    })),
  });
  const answer = await ask(`${RESOURCES}/orders`, { key });
  expect([answer.status, await answer.json()]).toEqual([
    409,
    expect.objectContaining({
      error: expect.stringContaining("aws:rds:orders, aws:lambda:orders"),
    }),
  ]);
  const hub = await ask(`${RESOURCES}/vpc-1`, { key });
  const { neighbours, neighbour_count: count } = resourceDetailSchema
    .parse(await hub.json());
  expect([neighbours.length, count])
    .toEqual([MAX_NEIGHBOURS, MAX_NEIGHBOURS + 1]);
  expect(neighbours[0]?.direction).toBe("in");
});

test("of a graph that is wrong nothing is taken, and the field is named", async () => {
  const key = await keyOf("wrong-graph");
  await put(key, GRAPH);
  const wrong = await put(key, { nodes: [{ id: "x" }], edges: [] });
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({
    details: [{ parameter: "nodes[0].type" }],
  });
  expect((await put(key, "{")).status).toBe(400);
  const text = { "content-type": "text/plain" };
  const typed = await ask(RESOURCES, {
    method: "PUT",
    key,
    body: GRAPH,
    headers: text,
  });
  expect(typed.status).toBe(415);
  const most = JSON.stringify(GRAPH).padEnd(MAX_GRAPH_BYTES);
  expect((await put(key, `${most} `)).status).toBe(413);
  const kept = await ask(RESOURCES, { key });
  expect(await kept.json()).toMatchObject({ count: 4 });
  expect((await put(key, most)).status).toBe(200);
});

test("the platform's clock pulls the graph; a SkyGraph that fails is seen in the status, and its last graph stays", async () => {
  const url = `${inject("targetUrl")}/echo/${crypto.randomUUID()}`;
  const bindings = { ...env, SKYGRAPH_URL: url };
  const { text: key } = await storedKey({ scope: "admin" });
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  async function graph(): Promise<unknown> {
    const answer = await ask("/api/v1/status", { key });
    return statusSchema.parse(await answer.json()).resource_graph;
  }
  const startMs = Date.now() - 10 * GRAPH_FRESH_MS;
  await runScheduled(bindings, startMs);
  expect(await graph()).toMatchObject({
    source: "skygraph",
    received: null,
    failure: "it answered with status 404",
  });
  async function serve(body: unknown): Promise<void> {
    await fetch(`${url}/api/v1/graph`, {
      method: "POST",
      headers: TYPE,
      body: JSON.stringify(body),
    });
  }
  await serve(GRAPH);
  // Asked a moment ago.
  await runScheduled(bindings, startMs + GRAPH_FRESH_MS - 1);
  expect(await graph()).toMatchObject({ received: null });
  const pulledMs = startMs + GRAPH_FRESH_MS;
  await runScheduled(bindings, pulledMs);
  expect(await graph()).toEqual({
    source: "skygraph",
    nodes: 4,
    edges: 2,
    received: new Date(pulledMs).toISOString(),
    asked: new Date(pulledMs).toISOString(),
    failure: null,
  });
  await serve({ nodes: [{ id: "x" }], edges: [] });
  await runScheduled(bindings, pulledMs + GRAPH_FRESH_MS);
  expect(await graph()).toMatchObject({
    nodes: 4,
    failure: expect.stringContaining("nodes[0].type"),
  });
  const kept = await ask(RESOURCES, { key });
  expect(await kept.json()).toMatchObject({ count: 4 });
  expect(logged.mock.calls.join()).toContain("skygraph_not_pulled");
  vi.restoreAllMocks();
});
