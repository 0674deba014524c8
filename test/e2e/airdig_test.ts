import { afterAll, beforeAll, expect, test } from "vitest";
import { driftAnswerSchema } from "../../src/drift/drift_answer.ts";
import { DEEPDRIFT_TIMEOUT_MS } from "../../src/drift/deepdrift.ts";
import { FIRST_GRAPH_WAIT_MS } from "../../src/resources/load_resource_graph.ts";
import { HttpSink, type SunkRequest } from "../harness/http_sink.ts";
import { type Service, startService } from "../harness/service.ts";

const GRAPH = {
  nodes: [{ id: "aws:sg:sg-1", type: "security_group", provider: "aws" }],
  edges: [],
};
const DRIFT = {
  id: "drift/7",
  resource_id: "aws:sg:sg-1",
  resource_type: "security_group",
  type: "modified",
  timestamp: "2026-01-31T14:32:00.000Z",
  severity: "high",
};

let skygraph: HttpSink;
let deepdrift: HttpSink;
let service: Service;
beforeAll(async () => {
  skygraph = await HttpSink.start();
  deepdrift = await HttpSink.start();
  service = await startService({
    env: {
      SKYGRAPH_URL: `${skygraph.url}/sky`,
      SKYGRAPH_API_KEY: "key-of-skygraph",
      DEEPDRIFT_URL: deepdrift.url,
      DEEPDRIFT_API_KEY: "key-of-deepdrift",
    },
  });
});
afterAll(async () => {
  await service.stop();
  await skygraph.stop();
  await deepdrift.stop();
});

function asked({ method, path, headers }: SunkRequest): readonly unknown[] {
  return [method, path, headers.authorization];
}

test("a SkyGraph that hangs holds up no answer for long, and only the first one", async () => {
  skygraph.answer = "hang";
  const startMs = Date.now();
  const first = await fetch(`${service.url}/api/v1/servicemap`);
  expect(first.status).toBe(200);
  const tookMs = Date.now() - startMs;
  expect(tookMs).toBeGreaterThanOrEqual(FIRST_GRAPH_WAIT_MS - 50);
  expect(tookMs).toBeLessThan(2 * FIRST_GRAPH_WAIT_MS);
  const againMs = Date.now();
  const again = await fetch(`${service.url}/api/v1/resources`);
  expect(await again.json()).toMatchObject({ resources: [], count: 0 });
  expect(Date.now() - againMs).toBeLessThan(FIRST_GRAPH_WAIT_MS);
  expect(skygraph.requests.map(asked)).toEqual([
    ["GET", "/sky/api/v1/graph", "Bearer key-of-skygraph"],
  ]);
  skygraph.hangUp();
  await expect.poll(async () => {
    const status = await fetch(`${service.url}/api/v1/status`);
    return (await status.json<{ resource_graph: object }>()).resource_graph;
  }).toMatchObject({
    received: null,
    failure: expect.stringMatching(/^it cannot be reached: /),
  });
});

test("a graph that is pushed is answered meanwhile", async () => {
  const put = await fetch(`${service.url}/api/v1/resources`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(GRAPH),
  });
  expect(put.status).toBe(200);
  const list = await fetch(`${service.url}/api/v1/resources`);
  expect(await list.json()).toMatchObject({
    resources: [{ id: "aws:sg:sg-1" }],
    graph: { source: "pushed" },
  });
});

test("an unknown drift event is asked for at DeepDrift, once, and stored", async () => {
  const url = `${service.url}/api/v1/drift-events/drift%2F7`;
  deepdrift.answer = 404;
  expect((await fetch(url)).status).toBe(404);
  deepdrift.answer = { status: 200, body: JSON.stringify(DRIFT) };
  const found = driftAnswerSchema.parse(await (await fetch(url)).json());
  expect(found).toMatchObject(DRIFT);
  const known = await fetch(url);
  expect(driftAnswerSchema.parse(await known.json())).toEqual(found);
  expect(deepdrift.requests.map(asked)).toEqual(
    Array.from({ length: 2 }, () => [
      "GET",
      "/api/v1/drifts/drift%2F7",
      "Bearer key-of-deepdrift",
    ]),
  );
});

test.each([
  [
    { status: 500, body: "key-of-deepdrift is wrong" },
    "status 500: … is wrong",
  ],
  [{ status: 200, body: '{"id":"x"}' }, "it answered no drift event: "],
  [{ status: 200, body: `[${JSON.stringify(DRIFT)},{}]` }, "[1].resource_id"],
  [{ status: 200, body: "<html>" }, "it is no JSON"],
  [{ status: 302, headers: { location: "/x" } }, "status 302"],
  ["reset" as const, "it cannot be reached"],
  ["hang" as const, `not answered within ${DEEPDRIFT_TIMEOUT_MS} ms`],
])(
  "a DeepDrift that answers %j is a 502 that says so",
  async (answer, said) => {
    deepdrift.answer = answer;
    const response = await fetch(`${service.url}/api/v1/drift-events/unknown`);
    expect(response.status).toBe(502);
    const { error } = await response.json<{ error: string }>();
    expect(error).toContain(
      'Cannot get the drift event "unknown" from DeepDrift',
    );
    expect(error).toContain(said);
    expect(error).not.toContain("127.0.0.1");
  },
);
