import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MINUTE_S } from "../../../src/history/window_range.ts";
import { cutWindow } from "../../../src/history/window_parts.ts";
import { writeHistory } from "../../../src/history/write_history.ts";
import { virtualNode } from "../../../src/map/node_identity.ts";
import { emptyWindow } from "../../../src/map/service_window.ts";
import { encodeWindow } from "../../../src/map/service_window_codec.ts";
import { edgeId, edgeOf } from "../../../src/map/window_entries.ts";
import {
  loadSeries,
  MAX_READ_EDGE_MINUTES,
} from "../../../src/series/load_series.ts";
import type { MapSeries } from "../../../src/series/map_series.ts";
import { windowsOf } from "../../aggregate/delta_events.ts";
import {
  AggregateTrial,
  eventAt,
  MINUTES,
  NOW_S,
  setClock,
} from "../aggregate_trial.ts";

beforeEach(() => setClock(NOW_S));
afterEach(() => {
  vi.useRealTimers();
});

const START_S = Math.min(...MINUTES) - 5 * MINUTE_S;

function load(trial: AggregateTrial): Promise<MapSeries> {
  return loadSeries(env, {
    tenant: trial.tenant,
    services: [trial.service],
    startS: START_S,
    endS: NOW_S,
    neededS: NOW_S,
  });
}

/** What the events make of each minute, edge by edge. */
function expected(trial: AggregateTrial): Map<string, number[]> {
  const minutes = Math.ceil((NOW_S - START_S) / MINUTE_S);
  const counts = new Map<string, number[]>();
  for (const [startS, window] of windowsOf(trial.events, MINUTE_S)) {
    for (const edge of window.edges.values()) {
      const id = edgeId(edge.key);
      const of = counts.get(id) ?? Array.from({ length: minutes }, () => 0);
      counts.set(id, of);
      of[(startS - START_S) / MINUTE_S] = edge.latency.count;
    }
  }
  return counts;
}

async function check(trial: AggregateTrial): Promise<void> {
  const { edges, startS } = await load(trial);
  expect(startS).toBe(START_S);
  expect(new Map(edges.map(({ id, calls }) => [id, [...calls.count]])))
    .toEqual(expected(trial));
}

test("loadSeries() has each minute once, wherever it is: in the object, in D1, revised", async () => {
  const trial = new AggregateTrial();
  await trial.send(MINUTES.map((minuteS) => eventAt(minuteS)));
  await check(trial);
  await runDurableObjectAlarm(trial.stub);
  expect((await trial.stored(MINUTE_S)).length).toBeGreaterThan(3);
  await check(trial);
  await trial.send(MINUTES.map((minuteS, at) => eventAt(minuteS, at + 1)));
  expect((await trial.live(MINUTE_S)).length).toBeGreaterThan(3);
  await check(trial);
  await trial.evict();
  await check(trial);
});

test("loadSeries() of nobody is empty", async () => {
  const series = await loadSeries(env, {
    tenant: "nobody",
    services: [],
    startS: START_S,
    endS: START_S + 90,
    neededS: START_S,
  });
  expect(series).toMatchObject({ minutes: 2, edges: [], services: [] });
});

test(
  "loadSeries() stops at MAX_READ_EDGE_MINUTES, but not before what is needed",
  async () => {
    const tenant = "large";
    const service = virtualNode("hub");
    const window = emptyWindow();
    const edges = 1000;
    for (let at = 0; at < edges; at++) {
      const edge = edgeOf(window, {
        from: service,
        to: virtualNode(`t${at}`),
        connectionType: "",
        system: "",
        destination: "",
      });
      edge.latency.record(1e6, 1);
    }
    const encoded = encodeWindow(window);
    const lastS = NOW_S - NOW_S % MINUTE_S;
    const minutes = MAX_READ_EDGE_MINUTES / edges;
    for (let at = 0; at < minutes + 130; at++) {
      const key = {
        resolution: MINUTE_S,
        startS: lastS - at * MINUTE_S,
      } as const;
      const rows = cutWindow(encoded)
        .map((part) => ({ ...key, ...part, revision: 1 }));
      await writeHistory(env.DB, { tenant, service }, { rows, seen: null });
    }
    async function known(neededMinutes: number): Promise<number> {
      const series = await loadSeries(env, {
        tenant,
        services: [service],
        startS: lastS - (minutes + 200) * MINUTE_S,
        endS: lastS + MINUTE_S,
        neededS: lastS - neededMinutes * MINUTE_S,
      });
      const [edge] = series.edges;
      return edge?.calls.count.filter((count) => count > 0).length ?? 0;
    }
    const chunk = 120;
    expect(await known(0)).toBe(Math.ceil(minutes / chunk) * chunk);
    expect(await known(minutes + 130)).toBe(minutes + 130);
  },
  60_000,
);
