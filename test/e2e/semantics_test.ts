import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import type { ShopSpan } from "../../src/local/shop_span.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import { type Service, startService } from "../harness/service.ts";
import { askDiagnostics, askMap, askService } from "../truth/ask.ts";
import { encodeBatch } from "../truth/export_batch.ts";
import { makeSpan, type SpanSketch } from "../truth/make_span.ts";
import { postBatch } from "../truth/post_batches.ts";
import { COMPLETE_WITHIN_MS, settle } from "../truth/settle.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The other half comes so long after the first, which waited for 10 s. */
const LATE_HALF_MS = 15_000;

const random = new SeededRandom(Date.now());
let service: Service;

beforeAll(async () => {
  service = await startService();
}, 60_000);

afterAll(async () => {
  await service.stop();
});

// Most of the time is spent waiting for lone halves: all wait together.
test.concurrent("ot=th in tracestate gives how many requests a span stands for", async () => {
  for (const [threshold, failed] of [["c", false], ["8", true]] as const) {
    const traceState = `vendor=1,ot=th:${threshold}`;
    const client = span({
      service: "sampled-caller",
      kind: SpanKind.CLIENT,
      traceState,
    });
    const server = span({
      service: "sampled-callee",
      kind: SpanKind.SERVER,
      parent: client,
      traceState,
      failed,
    });
    await post(client, server);
  }
  await hasEdges("sampled-callee", [
    "sampled-caller -> sampled-callee: 6 requests, 2 failed",
  ]);
  const { services } = await askDiagnostics(service.url, {
    service: "sampled-callee",
  });
  expect(services.map(({ spans }) => spans)).toEqual([2]);
});

test.concurrent("a span that ends in the future counts in the minute it came, as skewed", async () => {
  const endMs = Date.now() + 3 * HOUR_MS;
  await postCall("skewed-caller", "skewed-callee", { endMs, durationMs: 40 });
  await hasEdges("skewed-callee", [
    "skewed-caller -> skewed-callee: 1 requests, 0 failed",
  ]);
  const { edges: [edge] } = await askMap(service.url, {
    service: "skewed-callee",
  });
  expect(edge?.latency_p50).toBe(40e6);
  for (const name of ["skewed-caller", "skewed-callee"]) {
    const answer = await askDiagnostics(service.url, { service: name });
    expect(answer.services.map(({ skewed }) => skewed)).toEqual([1]);
  }
});

test.concurrent("a span that ends less than a minute ahead counts where it says", async () => {
  const endMs = Date.now() + 30_000;
  await postCall("hasty-caller", "hasty-callee", { endMs });
  await hasEdges("hasty-callee", [
    "hasty-caller -> hasty-callee: 1 requests, 0 failed",
  ]);
  const { totals } = await askDiagnostics(service.url, {
    service: "hasty-callee",
  });
  expect([totals.spans, totals.skewed]).toEqual([1, 0]);
});

test.concurrent("a span that is an hour late counts in the minute it ended in", async () => {
  const endMs = Date.now() - HOUR_MS;
  await postCall("late-caller", "late-callee", { endMs });
  const start = Math.floor(endMs / MINUTE_MS) * 60;
  await hasEdges(
    "late-callee",
    ["late-caller -> late-callee: 1 requests, 0 failed"],
    { start, end: start + 60 },
  );
  await hasEdges("late-callee", []);
  await hasEdges("late-callee", [], { start: start + 60, end: start + 120 });
});

test.concurrent("a span that is 25 h late does not count, and is told of", async () => {
  const endMs = Date.now() - 25 * HOUR_MS;
  await postCall("too-late-caller", "too-late-callee", { endMs });
  await postCall("too-late-caller", "too-late-callee", {});
  await hasEdges("too-late-callee", [
    "too-late-caller -> too-late-callee: 1 requests, 0 failed",
  ]);
  const start = Math.floor(endMs / MINUTE_MS) * 60;
  await hasEdges("too-late-callee", [], { start, end: start + 60 });
  for (const name of ["too-late-caller", "too-late-callee"]) {
    const { totals } = await askDiagnostics(service.url, { service: name });
    expect([totals.spans, totals.too_late]).toEqual([1, 1]);
  }
});

test.concurrent(
  "a client half gets its virtual edge, and loses it to the server that comes late",
  async () => {
    const client = span({
      service: "patient-caller",
      kind: SpanKind.CLIENT,
      attributes: { "server.address": "patient.example" },
      failed: true,
    });
    await post(client);
    await hasEdges("patient-caller", [
      "patient-caller -> patient.example: 1 requests, 1 failed",
    ]);
    await sinceEnd(client, LATE_HALF_MS);
    await post(span({
      service: "patient-callee",
      kind: SpanKind.SERVER,
      parent: client,
    }));
    await hasEdges("patient-caller", [
      "patient-caller -> patient-callee: 1 requests, 1 failed",
    ]);
    const { nodes } = await askMap(service.url, {});
    expect(nodes.map(({ name }) => name)).not.toContain("patient.example");
  },
  60_000,
);

test.concurrent(
  "a producer half loses its virtual edge to the consumer that links to it late",
  async () => {
    const attributes = {
      "messaging.system": "nats",
      "messaging.destination.name": "letters",
    };
    const producer = span({
      service: "patient-producer",
      kind: SpanKind.PRODUCER,
      attributes,
    });
    await post(producer);
    await hasEdges("patient-producer", [
      "patient-producer -> letters: 1 requests, 0 failed",
    ]);
    await sinceEnd(producer, LATE_HALF_MS);
    await post(span({
      service: "patient-consumer",
      kind: SpanKind.CONSUMER,
      links: [producer],
      attributes,
    }));
    await hasEdges("patient-producer", [
      "patient-producer -> patient-consumer: 1 requests, 0 failed",
    ]);
  },
  60_000,
);

test.concurrent(
  "a server half is unpaired until its client comes late",
  async () => {
    const client = span({ service: "slow-caller", kind: SpanKind.CLIENT });
    const server = span({
      service: "slow-callee",
      kind: SpanKind.SERVER,
      parent: client,
    });
    await post(server);
    await hasUnpairedServers("slow-callee", 1);
    await hasEdges("slow-callee", []);
    await sinceEnd(server, LATE_HALF_MS);
    await post(client);
    await hasEdges("slow-callee", [
      "slow-caller -> slow-callee: 1 requests, 0 failed",
    ]);
    await hasUnpairedServers("slow-callee", 0);
  },
  60_000,
);

test.concurrent(
  "every server of one client counts, those that come later too",
  async () => {
    const client = span({
      service: "wide-caller",
      kind: SpanKind.CLIENT,
      attributes: { "server.address": "wide.example" },
    });
    const [first, second, third] = ["a", "b", "b"].map((name) =>
      span({
        service: `wide-callee-${name}`,
        kind: SpanKind.SERVER,
        parent: client,
      })
    );
    if (!first || !second || !third) {
      throw new Error(
        "Three servers are needed",
      );
    }
    await post(first);
    await post(client, second);
    const once = [
      "wide-caller -> wide-callee-a: 1 requests, 0 failed",
      "wide-caller -> wide-callee-b: 1 requests, 0 failed",
    ];
    await hasEdges("wide-caller", once);
    await sinceEnd(client, LATE_HALF_MS);
    await hasEdges("wide-caller", once);
    await post(third);
    await hasEdges("wide-caller", [
      "wide-caller -> wide-callee-a: 1 requests, 0 failed",
      "wide-caller -> wide-callee-b: 2 requests, 0 failed",
    ]);
  },
  60_000,
);

test.concurrent("a span that is exported again in other company counts once", async () => {
  const client = span({ service: "twice-caller", kind: SpanKind.CLIENT });
  const server = span({
    service: "twice-callee",
    kind: SpanKind.SERVER,
    parent: client,
  });
  const another = span({ service: "twice-caller", kind: SpanKind.INTERNAL });
  await post(client);
  await post(server);
  await post(another, client);
  await post(server);
  await hasEdges("twice-callee", [
    "twice-caller -> twice-callee: 1 requests, 0 failed",
  ]);
  const detail = await askService(service.url, { name: "twice-caller" });
  expect(
    detail.operations.map(({ kind, count }) => `${kind} ${count}`).sort(),
  ).toEqual(["client 1", "internal 1"]);
  const { totals } = await askDiagnostics(service.url, {
    service: "twice-caller",
  });
  expect(totals.spans).toBe(2);
});

test.concurrent("a service without a name is unknown_service", async () => {
  await post(span({ service: "", kind: SpanKind.SERVER }));
  await hasEdges("unknown_service", [
    "user -> unknown_service: 1 requests, 0 failed",
  ]);
});

function span(sketch: SpanSketch): ShopSpan {
  return makeSpan(random, sketch);
}

/** Posts spans; each service sends its own request. */
async function post(...spans: ShopSpan[]): Promise<void> {
  const byService = Map.groupBy(spans, ({ service: { node } }) => node.name);
  for (const own of byService.values()) {
    expect(await postBatch(service.url, encodeBatch(own))).toBeUndefined();
  }
}

async function postCall(
  from: string,
  to: string,
  sketch: Partial<SpanSketch>,
): Promise<void> {
  const client = span({ ...sketch, service: from, kind: SpanKind.CLIENT });
  const server = { ...sketch, service: to, kind: SpanKind.SERVER };
  await post(client, span({ ...server, parent: client }));
}

/** Waits until so much time has passed since a span's end. */
async function sinceEnd({ endNs }: ShopSpan, ms: number): Promise<void> {
  await delay(Math.max(0, Number(endNs / 1_000_000n) + ms - Date.now()));
}

/** Waits until the edges around a node are these. */
async function hasEdges(
  name: string,
  wanted: readonly string[],
  window: Record<string, number> = {},
): Promise<void> {
  const { differences } = await settle(async () => {
    const { edges } = await askMap(service.url, { ...window });
    const found = edges
      .filter(({ from, to }) => from === name || to === name)
      .map((edge) =>
        `${edge.from} -> ${edge.to}: ${edge.request_count} requests, ` +
        `${edge.error_count} failed`
      );
    return found.sort().join() === [...wanted].sort().join()
      ? []
      : [`${name} has ${found.join("; ")}; has to have ${wanted.join("; ")}`];
  }, { untilMs: Date.now() + COMPLETE_WITHIN_MS });
  expect(differences).toEqual([]);
}

async function hasUnpairedServers(name: string, wanted: number): Promise<void> {
  const { differences } = await settle(async () => {
    const { totals } = await askDiagnostics(service.url, { service: name });
    const found = totals.unpaired_servers;
    return found === wanted ? [] : [`${found} unpaired servers of ${name}`];
  }, { untilMs: Date.now() + COMPLETE_WITHIN_MS });
  expect(differences).toEqual([]);
}
