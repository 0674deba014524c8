import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AggregateState } from "../../src/aggregate/aggregate_state.ts";
import {
  FOLD_AFTER_S,
  FOLD_EVERY_S,
  MAX_CONVERTED_SERIES,
  MAX_TAKEN_MINUTES,
} from "../../src/aggregate/totals_store.ts";
import { encodeDeltaMessage } from "../../src/aggregate/delta_message.ts";
import { HOUR_S, MINUTE_S } from "../../src/history/window_range.ts";
import { emptyWindow } from "../../src/map/service_window.ts";
import { encodeWindow } from "../../src/map/service_window_codec.ts";
import {
  MAX_OPERATIONS_PER_SERVICE,
  operationOf,
  OVERFLOW_NAME,
} from "../../src/map/window_entries.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import { DEFAULT_GRAPH_BOUNDS } from "../../src/service_metrics/bucket_bounds.ts";
import { COUNT_UNITS } from "../../src/service_metrics/bucket_counts.ts";
import { seriesId } from "../../src/service_metrics/series_key.ts";
import {
  addValues,
  raiseValues,
} from "../../src/service_metrics/series_values.ts";
import {
  IDLE_SERIES_S,
  MAX_TOTAL_SERIES,
} from "../../src/service_metrics/service_totals.ts";
import {
  readTotalsPage,
  type ToldSeries,
} from "../../src/service_metrics/totals_page.ts";
import { windowSeries } from "../../src/service_metrics/window_series.ts";
import {
  type DeltaEvent,
  eventsIn,
  windowsOf,
} from "../aggregate/delta_events.ts";
import { AggregateTrial, eventAt, NOW_S, setClock } from "./aggregate_trial.ts";

beforeEach(() => setClock(NOW_S));
afterEach(() => {
  vi.useRealTimers();
});

const MINUTE_AGES = [0, 60, 180, 480, 1200, HOUR_S, 20 * HOUR_S];
const MINUTES = MINUTE_AGES.map((age) => NOW_S - NOW_S % MINUTE_S - age);

async function toldBy(trial: AggregateTrial): Promise<ToldSeries[]> {
  const told: ToldSeries[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: Awaited<ReturnType<typeof trial.stub.totals>> = await trial.stub
      .totals(after);
    told.push(...readTotalsPage(page.bytes, DEFAULT_GRAPH_BOUNDS));
    after = page.next;
  }
  return told;
}

async function valuesOf(
  trial: AggregateTrial,
): Promise<Map<string, Float64Array>> {
  const told = await toldBy(trial);
  return new Map(told.map(({ key, values }) => [seriesId(key), values]));
}

/** Rows that the totals were written as so far. */
function totalsBody(trial: AggregateTrial): Promise<string> {
  return runInDurableObject(trial.stub, (_, { storage }) => {
    const rows = storage.sql.exec<{ body: ArrayBuffer }>(
      "SELECT body FROM totals ORDER BY part",
    ).toArray();
    return rows.map(({ body }) => new Uint8Array(body).join()).join();
  });
}

/** The highest that each number ever was: the brute force. */
class Highest {
  readonly values: Map<string, Float64Array> = new Map();

  note(events: readonly DeltaEvent[]): void {
    const sums = new Map<string, Float64Array>();
    for (const window of windowsOf(events, MINUTE_S).values()) {
      const minute = windowSeries(window, DEFAULT_GRAPH_BOUNDS);
      for (const [id, { values }] of minute) {
        const sum = sums.get(id) ?? new Float64Array(values.length);
        addValues(sum, values);
        sums.set(id, sum);
      }
    }
    for (const [id, sum] of sums) {
      const known = this.values.get(id) ?? sum;
      raiseValues(known, sum);
      this.values.set(id, known);
    }
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: eventsIn(MINUTES).map((events) => ({ events })) },
  { weight: 1, arbitrary: fc.constant("evict" as const) },
  { weight: 2, arbitrary: fc.constant("alarm" as const) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 900 }) },
);

test("totals() never fall, and are the highest that was ever true", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      async (steps) => {
        const trial = new AggregateTrial();
        const highest = new Highest();
        let nowS = NOW_S;
        setClock(nowS);
        for (const taken of steps) {
          if (typeof taken === "number") {
            nowS += taken;
            setClock(nowS);
          } else if (taken === "alarm") {
            await runDurableObjectAlarm(trial.stub);
          } else if (taken === "evict") await trial.evict();
          else {
            await trial.send(taken.events);
            highest.note(trial.events);
          }
          expect(await valuesOf(trial)).toEqual(highest.values);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("totals() outlive the minutes that they are made of", async () => {
  const trial = new AggregateTrial();
  await trial.send([eventAt(NOW_S, 7)]);
  const before = await valuesOf(trial);
  setClock(NOW_S + 26 * HOUR_S);
  // The first one writes them to D1, the second deletes them.
  for (let alarms = 0; alarms < 2; alarms++) {
    await runDurableObjectAlarm(trial.stub);
  }
  await trial.evict();
  await runInDurableObject(trial.stub, (_, { storage }) => {
    const minutes = storage.sql.exec(
      "SELECT 1 FROM window WHERE resolution = 60",
    ).toArray();
    expect(minutes).toEqual([]);
  });
  expect(await valuesOf(trial)).toEqual(before);
});

test("alarm() writes the totals when FOLD_EVERY_S of minutes are behind, apply() only what is new or late", async () => {
  const trial = new AggregateTrial();
  const startS = NOW_S - NOW_S % MINUTE_S;
  await trial.send([eventAt(startS)]);
  const first = await totalsBody(trial);
  // The folded minutes end FOLD_AFTER_S before now.
  const dueS = startS + FOLD_EVERY_S + FOLD_AFTER_S - MINUTE_S;
  for (let nowS = startS; nowS < dueS; nowS += MINUTE_S) {
    setClock(nowS);
    await trial.send([eventAt(nowS)]);
    await runDurableObjectAlarm(trial.stub);
    expect(await totalsBody(trial)).toBe(first);
  }
  setClock(dueS);
  await trial.send([eventAt(dueS)]);
  await runDurableObjectAlarm(trial.stub);
  const folded = await totalsBody(trial);
  expect(folded).not.toBe(first);
  await trial.send([eventAt(dueS)]);
  expect(await totalsBody(trial)).toBe(folded);
  await trial.send([eventAt(startS)]);
  expect(await totalsBody(trial)).not.toBe(folded);
});

test("totals() of an object that an older version made begin with its minutes", async () => {
  const trial = new AggregateTrial();
  await trial.send(MINUTES.map((minuteS) => eventAt(minuteS)));
  const before = await valuesOf(trial);
  await runInDurableObject(trial.stub, (_, { storage }) => {
    storage.sql.exec("DELETE FROM totals");
  });
  await trial.evict();
  expect(await valuesOf(trial)).toEqual(before);
  await trial.send([eventAt(NOW_S)]);
  const count = before.get(seriesId({
    sort: "operation",
    name: "GET /stock",
    kind: SpanKind.SERVER,
    status: StatusCode.UNSET,
  }))?.at(-1) ?? 0;
  const after = [...(await valuesOf(trial)).values()]
    .map((values) => values.at(-1));
  expect(after).toContain(count + COUNT_UNITS);
});

test("totals() of such an object begin with its last MAX_TAKEN_MINUTES", async () => {
  for (const more of [0, 1]) {
    const trial = new AggregateTrial();
    const first = NOW_S - 2 * HOUR_S;
    const minutes = Array.from(
      { length: MAX_TAKEN_MINUTES + more },
      (_, at) => eventAt(first + at * MINUTE_S),
    );
    await trial.send(minutes);
    await runInDurableObject(trial.stub, (_, { storage }) => {
      storage.sql.exec("DELETE FROM totals");
    });
    await trial.evict();
    const before = await operations(trial);
    expect(before.get("GET /stock")).toBe(MAX_TAKEN_MINUTES);
    // What is taken back of an older one is not below 0.
    await trial.send([{ ...eventAt(first, -1), name: "cart" }]);
    expect((await operations(trial)).get("GET /cart")).toBe(0);
    expect((await operations(trial)).get("GET /stock")).toBe(MAX_TAKEN_MINUTES);
  }
});

test("totals() with other SERVICE_GRAPH_BUCKETS keep counts, sums and the bounds that stay", async () => {
  const trial = new AggregateTrial();
  const events = [0.15, 0.5, 2].map((seconds) => ({
    ...eventAt(NOW_S - HOUR_S),
    durationNs: seconds * 1e9,
  }));
  await trial.send(events);
  // The hour-old minute moves to the totals.
  await runDurableObjectAlarm(trial.stub);
  const changed = [0.2, 1, 1.6];
  await runInDurableObject(trial.stub, (_, { storage }) => {
    const state = new AggregateState(storage, changed);
    const latency = () => {
      const { bytes } = state.totals(0, NOW_S * 1000);
      const edge = readTotalsPage(bytes, changed)
        .find(({ key }) => key.sort === "edge");
      return [...edge?.values ?? []].slice(1, 6);
    };
    const [one, two, three] = [1, 2, 3].map((count) => count * COUNT_UNITS);
    // Of 1 s it is sure only what was within 0.8 s.
    expect(latency()).toEqual([2.65e6, one, two, two, three]);
    const { tenant, service } = trial;
    const window = windowsOf(events, MINUTE_S).values().next().value;
    if (window === undefined) throw new Error("No window");
    state.apply([{
      owner: { tenant, service },
      source: "b",
      deltas: [{ sequence: 1, minutes: [{ startS: NOW_S - 30, window }] }],
    }], NOW_S * 1000);
    expect(latency()).toEqual(
      [2.65e6, one, two, two, three].map((value = 0) => 2 * value),
    );
  });
});

test("apply() that fails leaves the totals as they were", async () => {
  const trial = new AggregateTrial();
  await trial.send([eventAt(NOW_S)]);
  const before = await valuesOf(trial);
  await runInDurableObject(trial.stub, (_, { storage }) => {
    const state = new AggregateState(storage);
    const window =
      windowsOf([eventAt(NOW_S)], MINUTE_S).values().next().value ??
        emptyWindow();
    storage.sql.exec(
      "CREATE TRIGGER fails BEFORE INSERT ON source BEGIN SELECT raise(ABORT, 'full'); END",
    );
    const { tenant, service } = trial;
    const message = {
      owner: { tenant, service },
      source: "b",
      deltas: [{ sequence: 1, minutes: [{ startS: NOW_S - 30, window }] }],
    };
    expect(() => state.apply([message], NOW_S * 1000)).toThrow("full");
    const { bytes } = state.totals(0, NOW_S * 1000);
    storage.sql.exec("DROP TRIGGER fails");
    const told = readTotalsPage(bytes, DEFAULT_GRAPH_BOUNDS);
    expect(new Map(told.map(({ key, values }) => [seriesId(key), values])))
      .toEqual(before);
  });
});

/** A delta with some operations, each once. */
async function sendOperations(
  trial: AggregateTrial,
  from: number,
  to: number,
  atS: number,
): Promise<void> {
  const window = emptyWindow();
  for (let at = from; at < to; at++) {
    operationOf(window, {
      name: `GET /${at}`,
      kind: SpanKind.SERVER,
      status: StatusCode.UNSET,
    }).duration.record(1e6, 1);
  }
  window.counters.spans = to - from;
  const { tenant, service } = trial;
  await trial.stub.apply(encodeDeltaMessage({
    tenant,
    service,
    source: `of ${from} at ${atS}`,
    deltas: [{
      sequence: 1,
      minutes: [{
        startS: atS - atS % MINUTE_S,
        encoded: encodeWindow(window),
      }],
    }],
  }));
}

async function operations(trial: AggregateTrial): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { key, values } of await toldBy(trial)) {
    if (key.sort !== "operation") continue;
    counts.set(key.name, (values.at(-1) ?? 0) / COUNT_UNITS);
  }
  return counts;
}

test("totals() of MAX_TOTAL_SERIES operations are each told, one more is in __overflow__ until another is idle", async () => {
  const trial = new AggregateTrial();
  const step = MAX_OPERATIONS_PER_SERVICE;
  expect(MAX_TOTAL_SERIES % step).toBe(0);
  for (let from = 0; from < MAX_TOTAL_SERIES; from += step) {
    await sendOperations(trial, from, from + step, NOW_S - from / step * 60);
  }
  const full = await operations(trial);
  expect(full.size).toBe(MAX_TOTAL_SERIES);
  expect(full.has(OVERFLOW_NAME)).toBe(false);
  // Three minutes, and more than MAX_CONVERTED_SERIES of them.
  const most = MAX_TOTAL_SERIES;
  for (let at = 2; at < 2 + MAX_CONVERTED_SERIES / step; at++) {
    await sendOperations(trial, 0, step, NOW_S - at * 60);
  }
  await sendOperations(trial, most, most + 1, NOW_S - 300);
  const more = await operations(trial);
  expect(more.size).toBe(MAX_TOTAL_SERIES + 1);
  expect(more.get(OVERFLOW_NAME)).toBe(1);

  const laterS = NOW_S + IDLE_SERIES_S + 2 * MINUTE_S;
  setClock(laterS);
  await sendOperations(trial, most, most + 1, laterS);
  const before = await operations(trial);
  expect(before.get(OVERFLOW_NAME)).toBe(2);
  await runDurableObjectAlarm(trial.stub);
  const after = await operations(trial);
  expect(after.size).toBe(MAX_TOTAL_SERIES + 1);
  // What it had before stays where it was; nothing falls.
  expect(after.get(`GET /${most}`)).toBe(1);
  expect(after.get(OVERFLOW_NAME)).toBe(2);
  for (const [name, count] of after) {
    expect(count).toBeGreaterThanOrEqual(before.get(name) ?? 0);
  }
});
