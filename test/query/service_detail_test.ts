import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyWindow } from "../../src/map/service_window.ts";
import { operationOf } from "../../src/map/window_entries.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import type { AnswerWindow } from "../../src/query/answer_window.ts";
import {
  serviceDetail,
  serviceDetailSchema,
} from "../../src/query/service_detail.ts";
import { buildServiceGraph } from "../../src/query/service_graph.ts";
import { serviceMap } from "../../src/query/service_map.ts";
import { MAX_OPERATIONS_LISTED } from "../../src/query/service_operations.ts";
import type { SourceWindow } from "../../src/history/source_window.ts";
import {
  DAY_START_S,
  NOW_MS,
  observedArbitrary,
  windowsOf,
} from "./observed_calls.ts";
import { expectQuantiles, totalWeight } from "./true_quantile.ts";

const WINDOW: AnswerWindow = {
  startMs: DAY_START_S * 1000,
  endMs: NOW_MS,
  nowMs: NOW_MS,
  warnings: [],
};

function detailOf(name: string, windows: readonly SourceWindow[], filter = {}) {
  const graph = buildServiceGraph(windows, NOW_MS);
  const source = { graph, windows, window: WINDOW };
  return serviceDetailSchema.parse(serviceDetail(name, filter, source));
}

test("serviceDetail() puts the services of one name together, exactly", () => {
  fc.assert(fc.property(observedArbitrary, (observed) => {
    const detail = detailOf("cart", windowsOf(observed));
    const own = observed.spans.filter(({ service }) => service.name === "cart");
    const ids = new Set(detail.nodes.map(({ id }) => id));
    const byEnvironment = [...ids].map((id) =>
      own.filter(({ service }) => id.endsWith(`@${service.environment}`))
    );
    const spans = byEnvironment.flatMap((some) => {
      const served = some.filter(({ kind }) => kind !== SpanKind.INTERNAL);
      return served.length > 0 ? served : some;
    });
    // A node that sent no spans is measured by the calls to it, or from it.
    const silent = observed.calls.filter(({ key, corrected }) =>
      !corrected && [key.from, key.to].some((end) =>
        end.name === "cart" &&
        !own.some(({ service }) => service.environment === end.environment)
      )
    );
    if (silent.length === 0) {
      expect(detail.request_count).toBeCloseTo(totalWeight(spans), 5);
    }
    const operations = Map.groupBy(
      own,
      ({ kind, operation }) => `${kind} ${operation}`,
    );
    expect(detail.operations).toHaveLength(operations.size);
    for (const operation of detail.operations) {
      const kind = SpanKind[
        operation.kind.toUpperCase() as keyof typeof SpanKind
      ];
      const all = operations.get(`${kind} ${operation.operation_name}`) ?? [];
      const failed = all.filter((span) => span.failed);
      expect(operation.service_name).toBe("cart");
      expect(operation.count).toBeCloseTo(totalWeight(all), 5);
      expect(operation.error_count).toBeCloseTo(totalWeight(failed), 5);
      expectQuantiles([
        operation.p50_duration,
        operation.p95_duration,
        operation.p99_duration,
      ], all);
    }
  }));
});

test("serviceDetail() has the edges of the map that lead to and from it", () => {
  fc.assert(fc.property(
    observedArbitrary,
    fc.constantFrom("cart", "web", "postgres", "nobody"),
    (observed, name) => {
      const windows = windowsOf(observed);
      const detail = detailOf(name, windows);
      const map = serviceMap(buildServiceGraph(windows, NOW_MS), {}, WINDOW);
      expect(detail.callers).toEqual(map.edges.filter(({ to }) => to === name));
      expect(detail.callees)
        .toEqual(map.edges.filter(({ from }) => from === name));
      expect(detail.nodes.map(({ id }) => id)).toEqual(
        map.nodes.filter((node) => node.name === name).map(({ id }) => id),
      );
    },
  ));
});

test("serviceDetail() of an environment has that one's operations alone", () => {
  fc.assert(fc.property(observedArbitrary, (observed) => {
    const windows = windowsOf(observed);
    const detail = detailOf("cart", windows, { environment: "prod" });
    const own = observed.spans.filter(({ service: { name, environment } }) =>
      name === "cart" && environment === "prod"
    );
    const counted = detail.operations
      .reduce((sum, operation) => sum + operation.count, 0);
    expect(counted).toBeCloseTo(totalWeight(own), 4);
  }));
});

test("serviceDetail() of a silent service has figures of 0, and says so", () => {
  const detail = detailOf("cart", []);
  expect(detail).toMatchObject({
    service_name: "cart",
    type: "unknown",
    request_count: 0,
    error_rate: 0,
    p99_latency: 0,
    nodes: [],
    operations: [],
    warnings: ["cart sent no spans in this window"],
  });
});

test("serviceDetail() lists operations up to the limit, the most frequent", () => {
  function windowOf(count: number): SourceWindow[] {
    const windows = [0, 60].map((startS) => {
      const window = emptyWindow();
      window.firstSeenMs = DAY_START_S * 1000;
      window.lastSeenMs = DAY_START_S * 1000;
      return {
        service: { namespace: "", name: "cart", environment: "" },
        resolution: 60,
        startS: DAY_START_S + startS,
        window,
      };
    });
    for (let at = 0; at < count; at++) {
      const name = `GET /${at}`;
      const window = windows[at % 2]?.window ?? emptyWindow();
      operationOf(window, {
        name,
        kind: SpanKind.SERVER,
        status: StatusCode.UNSET,
      }).duration.record(1e6, at + 1);
    }
    return windows;
  }
  const full = detailOf("cart", windowOf(MAX_OPERATIONS_LISTED));
  expect(full.operations).toHaveLength(MAX_OPERATIONS_LISTED);
  expect(full.warnings).toEqual([]);
  const cut = detailOf("cart", windowOf(MAX_OPERATIONS_LISTED + 1));
  expect(cut.operations).toHaveLength(MAX_OPERATIONS_LISTED);
  expect(cut.operations[0]?.operation_name)
    .toBe(`GET /${MAX_OPERATIONS_LISTED}`);
  expect(cut.operations.some((o) => o.operation_name === "GET /0")).toBe(false);
  expect(cut.warnings).toEqual([
    `Of ${MAX_OPERATIONS_LISTED + 1} operations the ${MAX_OPERATIONS_LISTED} ` +
    "most frequent are listed",
  ]);
});
