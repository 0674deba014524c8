import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { type Service, startService } from "../harness/service.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import { makeSpan } from "../truth/make_span.ts";
import { parseExposition } from "../telemetry/parse_exposition.ts";
import { askMap } from "../truth/ask.ts";
import { mapDifferences } from "../truth/differences.ts";
import { encodeBatch, exportBatches } from "../truth/export_batch.ts";
import { knownTruth, windowOf } from "../truth/known_truth.ts";
import { postBatch, postBatches } from "../truth/post_batches.ts";
import { COMPLETE_WITHIN_MS, settle } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";

const OPENMETRICS = "application/openmetrics-text";

/** Counters and histograms that begin with `traces_`, by name and labels. */
async function scrape(service: Service): Promise<Map<string, number>> {
  const answer = await fetch(`${service.url}/metrics`);
  const values = new Map<string, number>();
  for (
    const [name, family] of parseExposition(await answer.text(), "text")
  ) {
    if (!name.startsWith("traces_")) continue;
    for (const [labels, value] of family.samples) {
      values.set(`${name} ${labels}`, value);
    }
  }
  return values;
}

function falls(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): string[] {
  return [...before].filter(([id, value]) => !((after.get(id) ?? -1) >= value))
    .map(([id, value]) => `${id}: ${value} to ${after.get(id)}`);
}

test("GET /metrics tells what the map tells, and never less, over kill -9 too", async () => {
  const random = new SeededRandom(11);
  const traffic = shopTraffic(random, { nowMs: Date.now(), spans: 5000 });
  const truth = knownTruth(traffic);
  const window = windowOf(traffic);
  const batches = exportBatches(traffic.spans, random);
  const dataFolder = temporaryFolder();
  let service = await startService({ dataFolder });
  try {
    const half = batches.slice(0, batches.length / 2);
    expect((await postBatches(service.url, half)).failures).toEqual([]);
    await expect.poll(() => scrape(service).then(({ size }) => size))
      .toBeGreaterThan(100);
    let before = await scrape(service);
    await service.kill();

    service = await startService({ dataFolder });
    let after = await scrape(service);
    expect(falls(before, after)).toEqual([]);
    before = after;
    // Halves whose others come now have counted alone meanwhile.
    expect((await postBatches(service.url, batches)).failures).toEqual([]);
    const { differences } = await settle(async () => {
      after = await scrape(service);
      expect(falls(before, after)).toEqual([]);
      before = after;
      return mapDifferences(await askMap(service.url, window), truth);
    }, { untilMs: Date.now() + COMPLETE_WITHIN_MS });
    expect(differences).toEqual([]);
    await service.kill();

    service = await startService({ dataFolder });
    after = await scrape(service);
    expect(falls(before, after)).toEqual([]);
  } finally {
    await service.kill();
  }
});

test("GET /metrics has the counts of the map for each edge, in both formats", async () => {
  const random = new SeededRandom(12);
  const traffic = shopTraffic(random, { nowMs: Date.now(), spans: 5000 });
  const truth = knownTruth(traffic);
  const window = windowOf(traffic);
  const service = await startService();
  try {
    const batches = exportBatches(traffic.spans, random);
    expect((await postBatches(service.url, batches)).failures).toEqual([]);
    const { differences } = await settle(
      async () => mapDifferences(await askMap(service.url, window), truth),
      { untilMs: Date.now() + COMPLETE_WITHIN_MS },
    );
    expect(differences).toEqual([]);
    const { edges, nodes } = await askMap(service.url, window);
    const told = new Map<string, [requests: number, failed: number]>();
    const namespaces = new Map(
      nodes.map(({ id, namespace }) => [id, namespace]),
    );
    for (const edge of edges) {
      const key = JSON.stringify({
        client: edge.from,
        server: edge.to,
        connection_type: edge.connection_type,
        client_service_namespace: namespaces.get(edge.from_id) ?? "",
        server_service_namespace: namespaces.get(edge.to_id) ?? "",
      });
      const [requests, failed] = told.get(key) ?? [0, 0];
      told.set(key, [
        requests + edge.request_count,
        failed + edge.error_count,
      ]);
    }
    expect(told.size).toBeGreaterThan(5);
    const answer = await fetch(`${service.url}/metrics`, {
      headers: { accept: OPENMETRICS },
    });
    expect(answer.headers.get("content-type")).toContain(OPENMETRICS);
    const families = parseExposition(await answer.text(), "openmetrics");
    const graph = "traces_service_graph_request";
    const counted = new Map(families.get(graph)?.samples);
    const failed = families.get(`${graph}_failed`)?.samples;
    for (const [key, [requests, failures]] of told) {
      expect([key, counted.get(key), failed?.get(key)])
        .toEqual([key, Math.round(requests), Math.round(failures)]);
      counted.delete(key);
    }
    // A machine that is too slow has corrections: what was taken back stays.
    for (const key of counted.keys()) {
      expect(key).toContain('"connection_type":"virtual_node"');
    }
    const ids = new Set(traffic.spans.map(({ traceId }) => traceId));
    for (
      const name of [`${graph}_server_seconds`, "traces_spanmetrics_latency"]
    ) {
      const shown = [...families.get(name)?.exemplars.values() ?? []];
      expect(shown.length).toBeGreaterThan(5);
      expect(shown.filter((id) => !ids.has(id))).toEqual([]);
    }
    const text = await scrape(service);
    for (const [key, value] of families.get(graph)?.samples ?? []) {
      expect(text.get(`${graph}_total ${key}`)).toBe(value);
    }
  } finally {
    await service.stop();
  }
});

test("GET /metrics keeps a virtual edge that a late server takes back, over kill -9 too", async () => {
  const random = new SeededRandom(13);
  const dataFolder = temporaryFolder();
  const caller = makeSpan(random, {
    service: "caller",
    kind: SpanKind.CLIENT,
    attributes: { "server.address": "callee.internal" },
  });
  const callee = makeSpan(random, {
    service: "callee",
    kind: SpanKind.SERVER,
    parent: caller,
  });
  let service = await startService({ dataFolder });
  async function post(span: typeof caller): Promise<void> {
    const batch = encodeBatch([span], { json: true, gzipped: false });
    expect(await postBatch(service.url, batch)).toBeUndefined();
  }
  async function requests(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const [id, value] of await scrape(service)) {
      const [, labels] = /^traces_service_graph_request_total (.+)$/.exec(id) ??
        [];
      if (labels === undefined) continue;
      const { client, server } = JSON.parse(labels) as Record<string, string>;
      counts[`${client} > ${server}`] = value;
    }
    return counts;
  }
  const both = { "caller > callee.internal": 1, "caller > callee": 1 };
  try {
    await post(caller);
    await expect.poll(requests, { timeout: 30_000 })
      .toEqual({ "caller > callee.internal": 1 });
    await service.kill();
    service = await startService({ dataFolder });
    await post(callee);
    await expect.poll(requests, { timeout: 30_000 }).toEqual(both);
    const map = await askMap(service.url, { start: "1h" });
    expect(map.edges.map(({ to }) => to)).toEqual(["callee"]);
    await service.kill();
    service = await startService({ dataFolder });
    expect(await requests()).toEqual(both);
  } finally {
    await service.kill();
  }
});
