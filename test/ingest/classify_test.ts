import { expect, test } from "vitest";
import {
  classify,
  MAX_DURATION_NS,
  resourceTraits,
  serviceOf,
} from "../../src/ingest/classify.ts";
import {
  MAX_WEIGHT,
  samplingWeight,
} from "../../src/ingest/sampling_weight.ts";
import { NodeTrait } from "../../src/map/node_type.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import type { SpanAttributes, SpanRow } from "../../src/otlp/span_batch.ts";

const resource = {
  service: { namespace: "", name: "web", environment: "" },
  traits: 0,
};

function row(change: Partial<SpanRow>): SpanRow {
  return {
    traceAt: 0,
    spanAt: 16,
    parentAt: -1,
    kind: SpanKind.CLIENT,
    status: 0,
    startHigh: 0,
    startLow: 0,
    durationNs: 1,
    name: "GET",
    traceState: "",
    resource: {},
    attributes: null,
    links: null,
    ...change,
  };
}

function client(attributes: SpanAttributes) {
  return classify(row({ attributes }), resource);
}

const DATABASE: SpanAttributes = {
  peerService: "by-peer",
  serverAddress: "by-address",
  netPeerName: "by-old-address",
  networkPeerPort: "5432",
  networkPeerAddress: "10.0.0.1",
  dbNamespace: "by-namespace",
  dbName: "by-name",
  dbSystem: "by-system",
  dbSystemName: "by-system-name",
};

test("classify() names a database by what is left, in the contract's order", () => {
  const left = { ...DATABASE };
  const seen: string[] = [];
  for (const key of Object.keys(DATABASE) as (keyof SpanAttributes)[]) {
    const { peer, database } = client(left);
    expect(database).toBe(true);
    seen.push(peer);
    delete left[key];
  }
  expect(seen).toEqual([
    "by-peer",
    "by-address",
    "by-old-address",
    "10.0.0.1:5432",
    "10.0.0.1",
    "by-namespace",
    "by-name",
    "by-system",
    "by-system-name",
  ]);
});

test("classify() drops the naming attributes one after the other, in the contract's order", () => {
  const seen: string[] = [];
  const left: SpanAttributes = {
    peerService: "peer",
    serverAddress: "address",
    urlFull: "https://user:secret@Url.Example:8443/path?q#f",
    rpcService: "rpc",
    messagingDestinationName: "destination",
  };
  for (
    const key of [
      "peerService",
      "serverAddress",
      "urlFull",
      "rpcService",
      "messagingDestinationName",
    ] as const
  ) {
    seen.push(client(left).peer);
    delete left[key];
  }
  seen.push(client(left).peer);
  expect(seen)
    .toEqual(["peer", "address", "url.example", "rpc", "destination", ""]);
});

test.each([
  ["http://[2001:db8::1]:80/x", "[2001:db8::1]"],
  ["https://api.example.com", "api.example.com"],
  ["/relative", ""],
  ["data:text/plain,x", ""],
])("classify() finds the host of %s", (httpUrl, host) => {
  expect(client({ httpUrl }).peer).toBe(host);
});

test("classify() names the caller of a root SERVER alone", () => {
  const attributes = { peerService: "partner", serverAddress: "me" };
  const server = { kind: SpanKind.SERVER, attributes };
  expect(classify(row(server), resource).peer).toBe("partner");
  expect(classify(row({ ...server, parentAt: 24 }), resource).peer).toBe("");
  expect(classify(row({ ...server, attributes: null }), resource).peer)
    .toBe("");
});

test("classify() takes db attributes of a CLIENT alone for a database", () => {
  const attributes = { dbSystem: "postgresql" };
  const kinds = Object.values(SpanKind).filter((kind) =>
    classify(row({ kind, attributes }), resource).database
  );
  expect(kinds).toEqual([SpanKind.CLIENT]);
});

test("classify() brings durations into the range that is kept", () => {
  const ns = (durationNs: number) =>
    classify(row({ durationNs }), resource).durationNs;
  expect([ns(-1), ns(0), ns(MAX_DURATION_NS), ns(MAX_DURATION_NS * 2)])
    .toEqual([0, 0, MAX_DURATION_NS, MAX_DURATION_NS]);
});

test("classify() keeps the end of a span that is too long", () => {
  const endNs = 1_700_000_000_000_000_000n;
  const { startHigh, startLow, durationNs } = classify(
    row({ startHigh: 0, startLow: 0, durationNs: Number(endNs) }),
    resource,
  );
  const startNs = (BigInt(startHigh) << 32n) + BigInt(startLow);
  expect(startNs + BigInt(durationNs)).toBe(endNs);
});

test("classify() keeps broker and topic, and the route served", () => {
  expect(classify(
    row({
      kind: SpanKind.PRODUCER,
      attributes: {
        messagingSystem: "kafka",
        messagingDestinationName: "orders",
      },
    }),
    resource,
  )).toMatchObject({ system: "kafka", destination: "orders", peer: "orders" });
  expect(classify(
    row({
      kind: SpanKind.SERVER,
      attributes: { httpRoute: "/cart/{id}", httpRequestMethod: "GET" },
    }),
    resource,
  )).toMatchObject({
    endpoint: "GET /cart/{id}",
    traits: NodeTrait.SERVES | NodeTrait.SERVES_HTTP,
  });
});

test("serviceOf() never gives an empty name", () => {
  expect(serviceOf({})).toEqual({
    namespace: "",
    name: "unknown_service",
    environment: "",
  });
  expect(serviceOf({ serviceName: "", environmentOld: "prod" }))
    .toMatchObject({ name: "unknown_service", environment: "prod" });
});

test.each([
  [{ sdkLanguage: "webjs" }, NodeTrait.BROWSER],
  [{ osName: "iOS", sdkLanguage: "swift" }, NodeTrait.MOBILE],
  [{ osName: "Android", browserPlatform: "Android" }, NodeTrait.BROWSER],
  [{ faasName: "resize" }, NodeTrait.FUNCTION],
  [
    { faasName: "edge", cloudPlatform: "cloudflare.workers" },
    NodeTrait.WORKER_PLATFORM,
  ],
  [{ sdkLanguage: "go" }, 0],
])("resourceTraits() of %o", (attributes, traits) => {
  expect(resourceTraits(attributes)).toBe(traits);
});

test.each([
  ["", undefined, 1],
  ["ot=th:0", undefined, 1],
  ["ot=th:8", undefined, 2],
  ["a=b,ot=rv:1;th:c", "0.5", 4],
  ["ot=th:fd70a4;rv:2", undefined, 100.000095],
  ["ot=th:ffffffffffffff", undefined, MAX_WEIGHT],
  ["not=th:8", undefined, 1],
  ["ot=th:fffffffffffffff", undefined, 1],
  ["", "0.25", 4],
  ["", "1", 1],
  ["", "0", 1],
  ["", "-1", 1],
  ["", "1.1", 1],
  ["", "often", 1],
  ["", "1e-9", MAX_WEIGHT],
])("samplingWeight(%j, %j)", (traceState, attribute, weight) => {
  expect(samplingWeight(traceState, attribute)).toBeCloseTo(weight, 4);
});

test("classify() folds ids out of the operation and of what is said to be a route", () => {
  const { operation, endpoint } = classify(
    row({
      kind: SpanKind.SERVER,
      name: "GET /users/123?x=1",
      attributes: { httpRequestMethod: "GET", httpRoute: "/users/123" },
    }),
    resource,
  );
  expect({ operation, endpoint })
    .toEqual({ operation: "GET /users/{id}", endpoint: "GET /users/{id}" });
});
