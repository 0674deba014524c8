import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeId } from "../../src/map/node_identity.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import type { AnswerWindow } from "../../src/query/answer_window.ts";
import { buildServiceGraph } from "../../src/query/service_graph.ts";
import {
  serviceList,
  serviceListSchema,
} from "../../src/query/service_list.ts";
import {
  DAY_START_S,
  NOW_MS,
  type Observed,
  OBSERVED_S,
  observedArbitrary,
  type ObservedSpan,
  windowsOf,
} from "./observed_calls.ts";
import { expectQuantiles, totalWeight } from "./true_quantile.ts";

const WINDOW: AnswerWindow = {
  startMs: DAY_START_S * 1000,
  endMs: NOW_MS,
  nowMs: NOW_MS,
  warnings: ["Something is not kept"],
};

function listOf(observed: Observed, filter = {}) {
  const graph = buildServiceGraph(windowsOf(observed), NOW_MS);
  return serviceListSchema.parse(serviceList(graph, filter, WINDOW));
}

/** What a service is measured by: what it served, else what it began. */
function measured(spans: readonly ObservedSpan[]): ObservedSpan[] {
  const served = spans.filter(({ kind }) => kind !== SpanKind.INTERNAL);
  return served.length > 0 ? served : [...spans];
}

test("serviceList() has each service that sent spans, with exact figures", () => {
  fc.assert(fc.property(observedArbitrary, (observed) => {
    const list = listOf(observed);
    const truth = Map.groupBy(
      observed.spans,
      ({ service }) => nodeId(service),
    );
    expect(list.services.map(({ id }) => id)).toEqual([...truth.keys()].sort());
    expect(list.count).toBe(truth.size);
    for (const service of list.services) {
      const spans = measured(truth.get(service.id) ?? []);
      const failed = spans.filter((span) => span.failed);
      expect(service.request_count).toBeCloseTo(totalWeight(spans), 5);
      expect(service.error_count).toBeCloseTo(totalWeight(failed), 5);
      const sum = spans.reduce((ns, { durationNs, weight }) => {
        return ns + durationNs * weight;
      }, 0);
      const average = sum / totalWeight(spans);
      expect(Math.abs(service.avg_latency - average)).toBeLessThan(1);
      expectQuantiles([
        service.p50_latency,
        service.p95_latency,
        service.p99_latency,
      ], spans);
      expect(service.period).toBe(OBSERVED_S * 1e9);
    }
  }));
});

test("serviceList() of a namespace and environment has theirs alone", () => {
  fc.assert(fc.property(observedArbitrary, (observed) => {
    const all = listOf(observed).services;
    const part = listOf(observed, { namespace: "shop", environment: "prod" });
    expect(part.services).toEqual(
      all.filter((service) =>
        service.namespace === "shop" && service.environment === "prod"
      ),
    );
  }));
});

test("serviceList() passes warnings about the window on", () => {
  expect(listOf({ calls: [], spans: [] })).toEqual({
    services: [],
    count: 0,
    window_start: new Date(DAY_START_S * 1000).toISOString(),
    window_end: new Date(NOW_MS).toISOString(),
    timestamp: new Date(NOW_MS).toISOString(),
    warnings: ["Something is not kept"],
  });
});
