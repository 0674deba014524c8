import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import type { ShopRequest } from "../../src/local/shop_span.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import { bruteForceRequests } from "./brute_force_requests.ts";
import { knownTruth, minutesOf, trueEdgeId } from "./known_truth.ts";
import { shopTraffic } from "./shop_traffic.ts";

const NOW_MS = 1_790_000_000_000;

function shop(spans: number, seed = 1) {
  return shopTraffic(new SeededRandom(seed), { nowMs: NOW_MS, spans });
}

function described(request: ShopRequest): string {
  return [
    trueEdgeId(request),
    request.messagingSystem,
    request.messagingDestination,
    request.failed,
    request.serverNs,
    request.clientNs,
    request.queueNs,
    request.endNs,
  ].join(" ");
}

test("shopTraffic() states the requests that the contract sees in its spans", () => {
  const traffic = shop(3_000);
  expect(traffic.requests.map(described).sort())
    .toEqual(bruteForceRequests(traffic.spans).map(described).sort());
});

test("shopTraffic() has exactly the spans asked for, each with its own id", () => {
  const { spans } = shop(20_000);
  expect(spans).toHaveLength(20_000);
  expect(new Set(spans.map(({ traceId, spanId }) => traceId + spanId)).size)
    .toBe(20_000);
});

test("shopTraffic() is the same from the same seed, and another from another", () => {
  expect(shop(500, 7)).toEqual(shop(500, 7));
  expect(shop(500, 7).spans[0]).not.toEqual(shop(500, 8).spans[0]);
});

test("shopTraffic() ends before now, in the current and earlier minutes", () => {
  const traffic = shop(5_000);
  const lastMs = Math.max(
    ...traffic.spans.map(({ endNs }) => Number(endNs / 1_000_000n)),
  );
  expect(lastMs).toBeLessThan(NOW_MS);
  expect(minutesOf(traffic).length).toBeGreaterThanOrEqual(3);
});

test("shopTraffic() shows every kind of edge, error and gap", () => {
  const traffic = shop(20_000);
  const truth = knownTruth(traffic);
  expect(truth.services.size).toBeGreaterThanOrEqual(12);
  const edges = [...truth.edges.values()];
  for (const type of ["", "database", "virtual_node", "messaging_system"]) {
    expect(edges.filter(({ connectionType }) => connectionType === type).length)
      .toBeGreaterThanOrEqual(3);
  }
  expect(edges.filter(({ failed }) => failed > 0).length).toBeGreaterThan(20);
  expect(new Set(traffic.unpaired.map(({ side }) => side)))
    .toEqual(new Set(["client", "server"]));
  expect(edges.some(({ from, to }) => from.name === to.name)).toBe(true);
  const linked = traffic.spans.filter(({ links }) => links.length > 0);
  expect(linked.every(({ kind }) => kind === SpanKind.CONSUMER)).toBe(true);
  expect(linked.some(({ links }) => links.length > 1)).toBe(true);
  expect(linked.some(({ parentSpanId }) => parentSpanId !== "")).toBe(true);
  const takers = new Map<string, number>();
  for (const { spanId } of linked.flatMap(({ links }) => links)) {
    takers.set(spanId, (takers.get(spanId) ?? 0) + 1);
  }
  expect([...takers.values()].some((count) => count > 1)).toBe(true);
});
