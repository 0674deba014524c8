import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  HUB_NEIGHBOURS,
  MAX_HOPS,
  MAX_REACHED_RESOURCES,
  reachedResources,
  reachedServices,
  resourceGraph,
} from "../../src/correlation/blast_radius.ts";
import {
  edgeSeries,
  MAX_SERIES_EDGES,
  MAX_SERIES_MINUTES,
} from "../../src/correlation/edge_series.ts";
import { MIN_ONSET_SIDE, onset } from "../../src/correlation/onset.ts";
import {
  MIN_STRETCH_MINUTES,
  placeboStretch,
  strongestStretch,
} from "../../src/correlation/strongest_stretch.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import { emptyEdge, emptyWindow } from "../../src/map/service_window.ts";
import { edgeId } from "../../src/map/window_entries.ts";

function windowOf(
  to: string,
  { requests, failed = 0 }: { requests: readonly number[]; failed?: number },
) {
  const window = emptyWindow();
  const edge = emptyEdge({
    from: virtualNode("a"),
    to: virtualNode(to),
    connectionType: "",
    system: "",
    destination: "",
  });
  for (const ms of requests) edge.latency.record(ms * 1e6, 1);
  edge.failed = failed;
  window.edges.set(edgeId(edge.key), edge);
  return window;
}

test("edgeSeries() puts each window in its minute and adds up corrections", () => {
  const first = windowOf("b", { requests: [100, 100], failed: 1 });
  const [series, ...others] = edgeSeries(
    [
      { startMs: -60_000, window: first },
      { startMs: 0, window: first },
      { startMs: 60_000, window: first },
      { startMs: 60_000, window: windowOf("b", { requests: [100] }) },
      { startMs: 180_000, window: first },
    ],
    { startMs: 0, minutes: 3 },
  );
  expect(others).toEqual([]);
  expect([...series?.count ?? []]).toEqual([2, 3, 0]);
  expect([...series?.failed ?? []]).toEqual([1, 1, 0]);
  expect(series?.p50[0]).toBeCloseTo(Math.log2(100e6), 1);
  expect(series?.p50[2]).toBeNaN();
  expect(first.edges.values().next().value?.latency.count).toBe(2);
});

test("edgeSeries() keeps MAX_SERIES_EDGES edges, not one more", () => {
  function edges(count: number): number {
    const windows = Array.from({ length: count }, (_, at) => ({
      startMs: 0,
      window: windowOf(`s${at}`, { requests: [1] }),
    }));
    return edgeSeries(windows, { startMs: 0, minutes: 1 }).length;
  }
  expect(edges(MAX_SERIES_EDGES)).toBe(MAX_SERIES_EDGES);
  expect(edges(MAX_SERIES_EDGES + 1)).toBe(MAX_SERIES_EDGES);
});

test("edgeSeries() takes MAX_SERIES_MINUTES, not one more", () => {
  const most = { startMs: 0, minutes: MAX_SERIES_MINUTES };
  expect(edgeSeries([], most)).toEqual([]);
  expect(() => edgeSeries([], { ...most, minutes: most.minutes + 1 }))
    .toThrow(RangeError);
});

test("strongestStretch() needs data on both sides", () => {
  const values = new Float64Array(40).fill(Number.NaN);
  const window = { at: 20, before: 20, after: 20 };
  values.fill(1, 20 - MIN_STRETCH_MINUTES + 1);
  expect(strongestStretch(values, window).effect).toBeNaN();
  values.fill(1, 20 - MIN_STRETCH_MINUTES);
  expect(strongestStretch(values, window).effect).toBe(0);
  expect(strongestStretch(values, { ...window, after: 21 }).start).toBe(-1);
  expect(strongestStretch(values, { ...window, before: 21 }).start).toBe(-1);
  expect(strongestStretch(values, { ...window, after: 4 }).start).toBe(-1);
});

test("placeboStretch() without an effect has a uniform p", () => {
  const random = new SeededRandom(3);
  const ps: number[] = [];
  const placebosAt = Array.from({ length: 19 }, (_, at) => 20 + at * 40);
  for (let run = 0; run < 600; run++) {
    const values = Float64Array.from(
      { length: 820 },
      () => Math.log(random.logNormal(1, 1)),
    );
    const at = 780;
    const seen = placeboStretch(values, {
      at,
      before: 20,
      after: 20,
      placebosAt,
    });
    expect(seen.placebos).toBe(19);
    ps.push(seen.p);
  }
  for (const level of [0.05, 0.1, 0.25, 0.5, 0.75]) {
    const share = ps.filter((p) => p <= level + 1e-9).length / ps.length;
    const error = Math.sqrt((level * (1 - level)) / ps.length);
    expect(Math.abs(share - level)).toBeLessThan(3.5 * error);
  }
});

test("placeboStretch() takes no placebo from the minutes after the change", () => {
  const values = new Float64Array(200);
  values.fill(5, 100, 120);
  const window = { at: 100, before: 20, after: 20 };
  const placebosAt = [20, 80, 81, 100, 139, 140];
  const seen = placeboStretch(values, { ...window, placebosAt });
  expect(seen).toMatchObject({ p: 1 / 4, placebos: 3, effect: 5 });
});

test("onset() finds the minute of any step, whatever the level", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: MIN_ONSET_SIDE, max: 50 }),
      fc.integer({ min: MIN_ONSET_SIDE, max: 50 }),
      fc.integer({ min: -1000, max: 1000 }),
      (before, after, level) => {
        const values = new Float64Array(before + after).fill(level);
        values.fill(level + 7, before);
        const found = onset(values);
        expect(found?.minute).toBe(before);
        expect(found?.change).toBeCloseTo(7, 9);
        expect(found?.explained).toBeCloseTo(1, 9);
      },
    ),
  );
});

test("onset() of too few or equal values is none", () => {
  expect(onset(new Float64Array(20))).toBeUndefined();
  expect(onset(Float64Array.of(1, 1, 1, 2, 2))).toBeUndefined();
  expect(onset(Float64Array.of(1, 1, 1, 2, 2, 2))?.minute).toBe(3);
});

test("reachedResources() goes MAX_HOPS hops either way, not one more", () => {
  const chain = resourceGraph([
    { from: "r1", to: "r0" },
    { from: "r1", to: "r2" },
    { from: "r3", to: "r2" },
    { from: "r3", to: "r4" },
    { from: "r0", to: "r0" },
  ]);
  const reached = reachedResources(chain, "r0");
  expect(reached.map(({ id }) => id)).toEqual(["r0", "r1", "r2", "r3"]);
  expect(reached.at(-1)?.distance).toBe(MAX_HOPS);
  expect(reachedResources(chain, "unknown")).toHaveLength(1);
});

test("reachedResources() weighs what lies behind a hub less", () => {
  function behind(neighbours: number): number | undefined {
    const links = Array.from({ length: neighbours - 1 }, (_, at) => ({
      from: "vpc",
      to: `i-${at}`,
    }));
    const graph = resourceGraph([...links, { from: "sg", to: "vpc" }]);
    return reachedResources(graph, "sg").at(-1)?.weight;
  }
  expect(behind(HUB_NEIGHBOURS)).toBe(1);
  expect(behind(HUB_NEIGHBOURS + 1)).toBeLessThan(1);
  expect(behind(MAX_REACHED_RESOURCES + 1)).toBeLessThan(0.01);
});

test("reachedResources() stops at MAX_REACHED_RESOURCES", () => {
  function reached(neighbours: number): number {
    const links = Array.from({ length: neighbours }, (_, at) => ({
      from: "vpc",
      to: `i-${at}`,
    }));
    return reachedResources(resourceGraph(links), "vpc").length;
  }
  expect(reached(MAX_REACHED_RESOURCES - 1)).toBe(MAX_REACHED_RESOURCES);
  expect(reached(MAX_REACHED_RESOURCES)).toBe(MAX_REACHED_RESOURCES);
});

test("reachedServices() names each service once, by its weightiest resource", () => {
  const resources = reachedResources(
    resourceGraph([{ from: "sg", to: "i-1" }]),
    "sg",
  );
  const services = reachedServices(resources, [
    { resourceId: "i-1", service: "cart", confidence: 0.5 },
    { resourceId: "sg", service: "cart", confidence: 0.9 },
    { resourceId: "i-1", service: "shop", confidence: 1 },
    { resourceId: "i-2", service: "mail", confidence: 1 },
  ]);
  expect(
    services.map(({ service, weight, resource }) => [
      service,
      weight,
      resource.id,
    ]),
  ).toEqual([["shop", 1, "i-1"], ["cart", 0.9, "sg"]]);
});
