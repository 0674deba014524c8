import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MINUTE_S } from "../../../src/history/window_range.ts";
import { edgeId } from "../../../src/map/window_entries.ts";
import { loadSeries } from "../../../src/series/load_series.ts";
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
  });
  expect(series).toMatchObject({ minutes: 2, edges: [], services: [] });
});
