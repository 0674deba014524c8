import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OBJECT_RETENTION_S } from "../../../src/history/retention.ts";
import { HOUR_S, MINUTE_S } from "../../../src/history/window_range.ts";
import { MAX_HOUR_SERIES_BYTES } from "../../../src/aggregate/history_snapshot.ts";
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
import { hourSeries } from "../../../src/series/hour_series.ts";
import { encodeHourSeries } from "../../../src/series/hour_series_codec.ts";
import type { MapSeries } from "../../../src/series/map_series.ts";
import { SeededRandom } from "../../../src/local/seeded_random.ts";
import { scanned } from "../../series/scanned.ts";
import { type DeltaEvent, windowsOf } from "../../aggregate/delta_events.ts";
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

/** Leaves what is not an hour without minutes, so that it has to be read. */
async function forgetMinutes(trial: AggregateTrial): Promise<void> {
  await env.DB.prepare(
    `DELETE FROM bucket WHERE tenant = ? AND service = ? AND resolution = 60
       AND start_s - start_s % 3600 IN (SELECT start_s FROM hour_series
         WHERE tenant = bucket.tenant AND service = bucket.service
           AND length(body) > 0)`,
  ).bind(trial.tenant, trial.id).run();
}

test("loadSeries() reads hours where D1 has them, and minutes where an hour is revised, or not there as such", async () => {
  const trial = new AggregateTrial();
  await trial.send(MINUTES.map((minuteS) => eventAt(minuteS)));
  await runDurableObjectAlarm(trial.stub);
  await forgetMinutes(trial);
  const left = await trial.stored(MINUTE_S);
  // Those of the hour that is not over.
  expect(left).toEqual(
    MINUTES.filter((minuteS) =>
      minuteS >= NOW_S - NOW_S % HOUR_S && minuteS + 80 <= NOW_S
    ).toSorted((a, b) => a - b),
  );
  await check(trial);
  // Revised: D1's hour is not the truth any more, until it is written again.
  await trial.send([eventAt(minuteAt(4), 3)]);
  expect(await trial.live(HOUR_S))
    .toContain(minuteAt(4) - minuteAt(4) % HOUR_S);
  await runDurableObjectAlarm(trial.stub);
  await forgetMinutes(trial);
  await check(trial);
  // What is there neither as an hour nor as minutes is not known.
  await env.DB.exec("DELETE FROM hour_series");
  const { edges: [edge] } = await load(trial);
  expect(edge?.calls.count.filter((count) => count > 0)).toHaveLength(3);
});

function minuteAt(index: number): number {
  return MINUTES[index] ?? expect.unreachable();
}

test("loadSeries() is the truth at any moment of an object's life", async () => {
  const random = new SeededRandom(11);
  const trial = new AggregateTrial();
  for (let step = 0; step < 40; step++) {
    setClock(NOW_S + step * 90);
    const events = Array.from(
      { length: random.below(4) },
      () =>
        eventAt(minuteAt(random.below(MINUTES.length)), 1 + random.below(3)),
    );
    if (events.length > 0) await trial.send(events);
    const act = random.below(4);
    if (act === 0) await trial.evict();
    if (act === 1) await runDurableObjectAlarm(trial.stub);
    if (act === 2) {
      await env.DB.prepare(
        "UPDATE hour_series SET body = '' WHERE random() % 2 = 0",
      ).run();
    }
    await check(trial);
  }
});

test("an hour of MAX_HOUR_SERIES_BYTES is stored, a larger one is empty", async () => {
  const hourS = NOW_S - NOW_S % HOUR_S - HOUR_S;
  function eventsOf(lastLength: number): DeltaEvent[] {
    return Array.from({ length: 585 }, (_, at) => ({
      ...eventAt(hourS),
      name: `${at}`.padEnd(at === 0 ? lastLength : 850, "x"),
    }));
  }
  function bytesOf(lastLength: number): number {
    const windows = windowsOf(eventsOf(lastLength), MINUTE_S);
    return encodeHourSeries(
      hourSeries(
        [...windows.values()].map((window) => [0, scanned(window)]),
      ),
    ).length;
  }
  const fitting = 1000 + MAX_HOUR_SERIES_BYTES - bytesOf(1000);
  for (const length of [fitting, fitting + 1]) {
    const trial = new AggregateTrial();
    await trial.send(eventsOf(length));
    await runDurableObjectAlarm(trial.stub);
    const stored = await env.DB.prepare(
      "SELECT length(body) AS bytes FROM hour_series WHERE service = ?",
    ).bind(trial.id).first("bytes");
    const bytes = bytesOf(length);
    expect(bytes <= MAX_HOUR_SERIES_BYTES).toBe(length === fitting);
    expect(stored).toBe(length === fitting ? 4 * Math.ceil(bytes / 3) : 0);
  }
});

test("an hour whose minutes are not all there any more is stored empty", async () => {
  const trial = new AggregateTrial();
  const hourS = NOW_S - NOW_S % HOUR_S - HOUR_S;
  async function bodyBytes(): Promise<unknown> {
    await runDurableObjectAlarm(trial.stub);
    return env.DB.prepare(
      `SELECT length(body) AS bytes FROM hour_series
       WHERE tenant = ? AND service = ? AND start_s = ?`,
    ).bind(trial.tenant, trial.id, hourS).first("bytes");
  }
  await trial.send([eventAt(hourS), eventAt(hourS + 59 * MINUTE_S)]);
  expect(await bodyBytes()).toBeGreaterThan(10);
  const lateS = hourS + OBJECT_RETENTION_S[MINUTE_S];
  setClock(lateS - 1);
  await trial.send([eventAt(hourS + 59 * MINUTE_S)]);
  expect(await bodyBytes()).toBeGreaterThan(10);
  setClock(lateS);
  await trial.send([eventAt(hourS + 59 * MINUTE_S)]);
  expect(await bodyBytes()).toBe(0);
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
      await writeHistory(env.DB, { tenant, service }, {
        rows,
        hours: [],
        seen: null,
      });
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
    // An hour at a time; the newest is not over.
    const newest = lastS % HOUR_S / MINUTE_S + 1;
    expect(await known(0)).toBe(
      newest + Math.ceil((minutes - newest) / 60) * 60,
    );
    expect(await known(minutes + 130)).toBe(minutes + 130);
  },
  60_000,
);
