import { afterAll, beforeAll, expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { Journey } from "../../src/local/shop_journey.ts";
import type { ShopService } from "../../src/local/shop_services.ts";
import { noTraffic } from "../../src/local/shop_span.ts";
import { type Service, startService } from "../harness/service.ts";
import {
  askDiagnostics,
  askMap,
  askService,
  askServices,
} from "../truth/ask.ts";
import {
  diagnosticsDifferences,
  mapDifferences,
  operationDifferences,
  serviceListDifferences,
} from "../truth/differences.ts";
import { encodeBatch, exportBatches } from "../truth/export_batch.ts";
import {
  type KnownTruth,
  knownTruth,
  minutesOf,
  trafficOfMinute,
  windowOf,
} from "../truth/known_truth.ts";
import { postBatch, postBatches, type Posted } from "../truth/post_batches.ts";
import { COMPLETE_WITHIN_MS, settle, type Settled } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";

/** Paired spans have to be on the map so soon after the acknowledgement. */
const FRESH_WITHIN_MS = 2_000;
/** Closed minutes are in D1 by then; revisions are gathered for 20 s. */
const IN_HISTORY_AFTER_MS = 32_000;
const PROBE = "probe-";

const random = new SeededRandom(20_000);
const traffic = shopTraffic(random, { nowMs: Date.now(), spans: 20_000 });
const truth = knownTruth(traffic);
const window = windowOf(traffic);
let service: Service;
let posted: Posted;
let whole: Settled;

beforeAll(async () => {
  service = await startService();
  const batches = exportBatches(traffic.spans, random);
  posted = await postBatches(service.url, batches);
  whole = await settle(
    async () => mapDifferences(await askMap(service.url, window), truth),
    { untilMs: posted.lastMs + COMPLETE_WITHIN_MS },
  );
}, 120_000);

afterAll(async () => {
  await service.stop();
});

test("POST /v1/traces acknowledges 20,000 spans, sent concurrently", () => {
  expect(posted.failures).toEqual([]);
});

test("GET /api/v1/servicemap is exact within 25 s of the last acknowledgement", () => {
  expect(whole.differences).toEqual([]);
  expect(whole.atMs - posted.lastMs).toBeLessThan(COMPLETE_WITHIN_MS);
});

test("GET /api/v1/servicemap is exact in each minute", async () => {
  const minutes = minutesOf(traffic);
  expect(minutes.length).toBeGreaterThan(1);
  for (const start of minutes) {
    const map = await askMap(service.url, { start, end: start + 60 });
    const part = knownTruth(trafficOfMinute(traffic, start));
    expect(mapDifferences(map, part)).toEqual([]);
  }
});

test("GET /api/v1/servicemap tells what each node is", async () => {
  const { nodes } = await askMap(service.url, window);
  const types = Object.fromEntries(nodes.map(({ id, type }) => [id, type]));
  expect(types).toMatchObject({
    "shop/storefront@production": "browser",
    "shop/catalog@production": "api",
    "shop/orders-worker@production": "worker",
    "postgres.shop.internal": "database",
    "parcels-db": "database",
    "orders": "database",
    "redis.shop.internal": "cache",
    "10.1.2.3%3A6379": "cache",
    "clicks": "queue",
    "api.cardbank.example": "external",
    "partner-portal": "external",
    "user": "user",
  });
});

test("GET /api/v1/servicemap filters by namespace and environment", async () => {
  const part: KnownTruth = {
    services: new Map(),
    edges: new Map(
      [...truth.edges].filter(([, { from, to }]) =>
        from.environment === "staging" || to.environment === "staging"
      ),
    ),
  };
  expect(part.edges.size).toBe(4);
  const staging = { ...window, environment: "staging" };
  expect(mapDifferences(await askMap(service.url, staging), part)).toEqual([]);
  const map = await askMap(service.url, { ...window, namespace: "finance" });
  expect(map.edges.map(({ from, to }) => `${from} -> ${to}`).sort()).toEqual([
    "checkout -> payment",
    "payment -> api.cardbank.example",
  ]);
});

test("GET /api/v1/services is exact", async () => {
  const list = await askServices(service.url, window);
  expect(serviceListDifferences(list, truth)).toEqual([]);
});

test("GET /api/v1/services/{name} lists every operation, exactly", async () => {
  for (const wanted of truth.services.values()) {
    const { name, namespace, environment } = wanted.service.node;
    const question = { ...window, name, namespace, environment };
    const detail = await askService(service.url, question);
    expect(operationDifferences(detail, wanted)).toEqual([]);
  }
});

test("GET /api/v1/diagnostics counts every span, and every one left alone", async () => {
  const answer = await askDiagnostics(service.url, window);
  expect(diagnosticsDifferences(answer, truth)).toEqual([]);
});

test("GET /api/v1/servicemap has a call within 2 s of its acknowledgement", async () => {
  for (let probe = 1; probe <= 5; probe++) {
    const ms = await freshnessMs(probe);
    expect(ms).toBeLessThan(FRESH_WITHIN_MS);
  }
});

test("GET /api/v1/servicemap stays exact while closed minutes move to history", async () => {
  const untilMs = posted.lastMs + IN_HISTORY_AFTER_MS;
  do {
    const { edges, nodes, ...rest } = await askMap(service.url, window);
    const shop = {
      ...rest,
      edges: edges.filter(({ from }) => !from.startsWith(PROBE)),
      nodes: nodes.filter(({ name }) => !name.startsWith(PROBE)),
    };
    expect(mapDifferences(shop, truth)).toEqual([]);
  } while (Date.now() < untilMs);
});

/** Sends the two halves of a call apart; how long until it is on the map. */
async function freshnessMs(probe: number): Promise<number> {
  const from = probeService(`${PROBE}caller-${probe}`);
  const to = probeService(`${PROBE}callee-${probe}`);
  const call = noTraffic();
  const startNs = BigInt(Date.now()) * 1_000_000n;
  new Journey(call, random, { startNs }).call(null, {
    from,
    to: [to],
    name: "probe",
    medianMs: 1,
  });
  for (const side of [from, to]) {
    const spans = call.spans.filter((span) => span.service === side);
    expect(await postBatch(service.url, encodeBatch(spans))).toBeUndefined();
  }
  const acknowledgedMs = Date.now();
  const { differences, atMs } = await settle(async () => {
    const map = await askMap(service.url, {});
    const there = map.edges.some((edge) =>
      edge.from === from.node.name && edge.to === to.node.name &&
      edge.request_count === 1
    );
    return there ? [] : [`The call of ${from.node.name} is missing`];
  }, { untilMs: acknowledgedMs + 2 * FRESH_WITHIN_MS });
  expect(differences).toEqual([]);
  return atMs - acknowledgedMs;
}

function probeService(name: string): ShopService {
  return {
    node: { namespace: "", name, environment: "" },
    resource: { "service.name": name },
  };
}
