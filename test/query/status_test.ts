import { expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import {
  status,
  statusSchema,
  type StatusSource,
} from "../../src/query/status.ts";
import { readSettings } from "../../src/settings.ts";
import type { TraceShardStatus } from "../../src/trace/shard_status.ts";

const NOW_MS = Date.parse("2026-11-22T12:00:00Z");

const SHARD: TraceShardStatus = {
  spans: 100,
  hotTraces: 2,
  hotSpans: 9,
  waitingHalves: 1,
  halvesExpiredEarly: 4,
  journalBytes: 512,
  segments: 3,
  oldestSegmentMs: null,
  undeliveredBytes: 0,
  oldestUndeliveredMs: null,
  traces: {
    freshSpans: 5,
    freshBytes: 500,
    keptTraces: 7,
    keptBytes: 700,
    batches: 1,
    oldestBatchMs: NOW_MS - 60_000,
    lateSpans: 2,
    longSpans: 1,
    crowdedSpans: 4,
    sampledOut: 3,
  },
};

const SOURCE: StatusSource = {
  nowMs: NOW_MS,
  startedMs: NOW_MS - 90_000,
  settings: readSettings({ TRACE_SHARDS: "3", MAX_BODY_BYTES: "1000" }),
  services: 12,
  counters: [
    { counter: "requests", reason: "200", amount: 7 },
    { counter: "accepted_spans", reason: "", amount: 40 },
  ],
  outbox: [{ target: "tempo", configured: true, reachable: false }],
  openAnomalies: 2,
  resourceGraph: null,
  epochs: [
    { shards: 1, sinceMs: NOW_MS - 60_000 },
    { shards: 3, sinceMs: NOW_MS - 1000 },
  ],
  shards: [
    SHARD,
    { ...SHARD, spans: 11, oldestUndeliveredMs: NOW_MS - 1500 },
    null,
  ],
};

test("status() adds the shards up, and says which did not answer", () => {
  const answer = statusSchema.parse(status(SOURCE));
  expect(answer).toMatchObject({
    service: "tracecore",
    version: packageJson.version,
    timestamp: "2026-11-22T12:00:00.000Z",
    uptime: 90e9,
    spans: 111,
    lag: 1.5e9,
    services: 12,
  });
  expect(answer.shards.map(({ shard, reachable }) => [shard, reachable]))
    .toEqual([[0, true], [1, true], [2, false]]);
});

test("status() lists what was counted, or says that it could not be read", () => {
  expect(statusSchema.parse(status(SOURCE)).counters).toEqual([
    { name: "requests", reason: "200", count: 7 },
    { name: "accepted_spans", reason: null, count: 40 },
  ]);
  expect(statusSchema.parse(status({ ...SOURCE, counters: null })).counters)
    .toBe(null);
});

test("status() tells how many shards there were, and since when", () => {
  expect(status(SOURCE).shard_epochs).toEqual([
    { shards: 1, since: "2026-11-22T11:59:00.000Z" },
    { shards: 3, since: "2026-11-22T11:59:59.000Z" },
  ]);
});

test("status() has the limits that the settings put in force", () => {
  const { limits } = status(SOURCE);
  expect(limits).toMatchObject({
    body_bytes: 1000,
    inflated_bytes: 20 * 1024 * 1024,
    services: 1000,
    services_per_key: 250,
    new_services_per_key_and_hour: 100,
    edges_per_service: 1000,
    links_per_span: 128,
    name_chars: 256,
    value_chars: 256,
    tracestate_chars: 1024,
    waiting_halves: 50_000,
    pair_wait: 10e9,
    late: 86_400e9,
    minutes_kept: 7 * 86_400e9,
  });
});

test("status() tells how each target's outbox is doing, and not where it is", () => {
  expect(statusSchema.parse(status(SOURCE)).outbox).toEqual(SOURCE.outbox);
  const settings = readSettings({ TEMPO_URL: "http://secret.example:4318" });
  const answer = status({ ...SOURCE, settings });
  expect(JSON.stringify(answer)).not.toContain("secret");
});

test("status() tells how old the graph of resources is, and why SkyGraph did not answer", () => {
  expect(statusSchema.parse(status(SOURCE)).resource_graph).toBe(null);
  const never = {
    version: "",
    nodes: 0,
    edges: 0,
    source: "skygraph",
    receivedMs: 0,
    askedMs: 1000,
    failure: "it cannot be reached",
  } as const;
  const failed = status({ ...SOURCE, resourceGraph: never });
  expect(statusSchema.parse(failed).resource_graph).toEqual({
    source: "skygraph",
    nodes: 0,
    edges: 0,
    received: null,
    asked: "1970-01-01T00:00:01.000Z",
    failure: "it cannot be reached",
  });
  const pushed = {
    ...never,
    version: "0f",
    nodes: 2,
    edges: 1,
    source: "pushed",
    receivedMs: 2000,
    askedMs: 0,
    failure: "",
  } as const;
  const held = status({ ...SOURCE, resourceGraph: pushed });
  expect(statusSchema.parse(held).resource_graph).toEqual({
    source: "pushed",
    nodes: 2,
    edges: 1,
    received: "1970-01-01T00:00:02.000Z",
    asked: null,
    failure: null,
  });
});
