import { expect, test } from "vitest";
import { virtualNode } from "../../src/map/node_identity.ts";
import type { ScannedWindow } from "../../src/map/scan_window.ts";
import { emptyWindow } from "../../src/map/service_window.ts";
import { edgeOf } from "../../src/map/window_entries.ts";
import {
  MAX_SERIES_EDGE_MINUTES,
  MAX_SERIES_EDGES,
  MAX_SERIES_MINUTES,
} from "../../src/series/map_series.ts";
import { SeriesBuilder } from "../../src/series/series_builder.ts";
import { scanned } from "./scanned.ts";

const SERVICE = virtualNode("web");

function windowOf(
  to: string,
  ms: readonly number[],
  failed = 0,
): ScannedWindow {
  const window = emptyWindow();
  const edge = edgeOf(window, {
    from: SERVICE,
    to: virtualNode(to),
    connectionType: "",
    system: "",
    destination: "",
  });
  for (const one of ms) {
    edge.latency.record(one * 1e6, 1);
    edge.client.record(2 * one * 1e6, 1);
    window.entries.duration.record(3 * one * 1e6, 1);
  }
  edge.failed = failed;
  window.entries.failed = failed;
  return scanned(window);
}

test("SeriesBuilder puts each minute of a service in its place", () => {
  const builder = new SeriesBuilder({ startS: 600, minutes: 3 });
  for (const startS of [540, 600, 720, 780]) {
    const window = windowOf("cart", [100, 100, 300], 1);
    builder.add({ service: SERVICE, startS, window });
  }
  const { edges: [edge, ...others], services } = builder.series();
  expect(others).toEqual([]);
  expect(edge).toMatchObject({ from: "web", to: "cart", connectionType: "" });
  expect([...edge?.calls.count ?? []]).toEqual([3, 0, 3]);
  expect([...edge?.calls.failed ?? []]).toEqual([1, 0, 1]);
  expect(edge?.calls.p50[0]).toBeCloseTo(Math.log2(100e6), 1);
  expect(edge?.client.p95[2]).toBeCloseTo(Math.log2(600e6), 1);
  expect(edge?.calls.p50[1]).toBeNaN();
  expect(edge?.calls.sumNs[0]).toBeCloseTo(500e6, -2);
  expect(services.map(({ id, requests }) => [id, [...requests.count]]))
    .toEqual([["web", [3, 0, 3]]]);
});

test("SeriesBuilder of a service that serves nothing has what it began", () => {
  const builder = new SeriesBuilder({ startS: 0, minutes: 1 });
  const window = emptyWindow();
  window.roots.duration.record(5e6, 2);
  builder.add({ service: SERVICE, startS: 0, window: scanned(window) });
  const [service] = builder.series().services;
  expect(service?.requests.count[0]).toBe(2);
});

test("SeriesBuilder keeps MAX_SERIES_EDGES edges, the busiest", () => {
  const builder = new SeriesBuilder({ startS: 0, minutes: 1 });
  for (let at = 0; at <= MAX_SERIES_EDGES; at++) {
    builder.add({
      service: virtualNode(`s${at}`),
      startS: 0,
      window: windowOf(`t${at}`, at === 7 ? [1] : [1, 1]),
    });
  }
  const { edges } = builder.series();
  expect(edges.length).toBe(MAX_SERIES_EDGES);
  expect(edges.some(({ to }) => to === "t7")).toBe(false);
});

test("SeriesBuilder keeps fewer edges of a longer series: MAX_SERIES_EDGE_MINUTES in all", () => {
  const minutes = 3000;
  const fitting = MAX_SERIES_EDGE_MINUTES / minutes;
  function kept(count: number): number {
    const builder = new SeriesBuilder({ startS: 0, minutes });
    for (let at = 0; at < count; at++) {
      builder.add({
        service: virtualNode(`s${at}`),
        startS: 0,
        window: windowOf(`t${at}`, [1]),
      });
    }
    return builder.series().edges.length;
  }
  expect(kept(fitting)).toBe(fitting);
  expect(kept(fitting + 1)).toBe(fitting);
  expect(kept(fitting + 500)).toBe(fitting);
});

test("SeriesBuilder takes MAX_SERIES_MINUTES, not one more", () => {
  const most = { startS: 0, minutes: MAX_SERIES_MINUTES };
  expect(new SeriesBuilder(most).series().edges).toEqual([]);
  expect(() => new SeriesBuilder({ ...most, minutes: most.minutes + 1 }))
    .toThrow(RangeError);
});
