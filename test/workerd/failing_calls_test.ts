import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AggregateState } from "../../src/aggregate/aggregate_state.ts";
import { encodeDeltaMessage } from "../../src/aggregate/delta_message.ts";
import { readSourceDeltas } from "../../src/aggregate/source_deltas.ts";
import { readHistory } from "../../src/history/read_history.ts";
import {
  HOUR_S,
  MINUTE_S,
  type WindowKey,
} from "../../src/history/window_range.ts";
import { purgeHistory, writeHistory } from "../../src/history/write_history.ts";
import {
  decodeWindow,
  type EncodedWindow,
} from "../../src/map/service_window_codec.ts";
import { nodeId } from "../../src/map/node_identity.ts";
import { DEFAULT_GRAPH_BOUNDS } from "../../src/service_metrics/bucket_bounds.ts";
import { seriesId } from "../../src/service_metrics/series_key.ts";
import { addValues } from "../../src/service_metrics/series_values.ts";
import { readTotalsPage } from "../../src/service_metrics/totals_page.ts";
import { windowSeries } from "../../src/service_metrics/window_series.ts";
import { PAIR_WAIT_MS } from "../../src/trace/join.ts";
import {
  MAX_JOURNAL_AGE_MS,
  ShardEngine,
} from "../../src/trace/shard_engine.ts";
import { readMessage } from "../../src/trace/trace_message.ts";
import { unpackKeptTraces } from "../../src/trace_store/kept_trace.ts";
import { unpackPage } from "../../src/trace_index/trace_page.ts";
import { TraceStore } from "../../src/trace_store/trace_store.ts";
import {
  type DeltaEvent,
  figures,
  windowsOf,
} from "../aggregate/delta_events.ts";
import { ANY_TRACE } from "../../src/search/trace_filter.ts";
import type { GeneratedSpan } from "../trace/brute_force_map.ts";
import { bruteForceTraces } from "../trace_store/brute_force_traces.ts";
import { readKept } from "../trace_store/kept_message.ts";
import { bruteForceMap } from "../trace/brute_force_map.ts";
import { messageOf } from "../trace/message_of.ts";
import { ObservedMap } from "../trace/observed_map.ts";
import { spansArbitrary } from "../trace/span_arbitrary.ts";
import { encodedMinutes, eventAt } from "./aggregate_trial.ts";
import { FailingDatabase } from "./failing_database.ts";
import { FailingStorage, STORAGE_FAULT } from "./failing_storage.ts";

const NOW_MS = 1_700_000_000_000;
const NOW_S = NOW_MS / 1000;
/** More calls than any scenario makes. */
const MOST_CALLS = 5000;

function clear({ sql }: DurableObjectStorage, tables: readonly string[]): void {
  for (const table of tables) sql.exec(`DELETE FROM ${table}`);
}

const spans = fc.sample(spansArbitrary(NOW_MS, { minLength: 24 }), {
  numRuns: 1,
  seed: 11,
})[0] ?? [];

/** A shard that starts again from its disk whenever a call fails. */
class RestartingShard {
  readonly observed = new ObservedMap();
  readonly #storage: DurableObjectStorage;
  readonly #sequences: Map<string, number> = new Map();
  #engine: ShardEngine | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /**
   * Tries until it works, as senders and alarms do. The object is restarted
   * where spans or a tick fail, and goes on where a delivery fails.
   */
  again(step: (engine: ShardEngine) => void, { restarts = true } = {}): void {
    for (let tries = 0; tries < 3; tries++) {
      try {
        this.#engine ??= new ShardEngine(this.#storage, { maxJournalBytes: 1 });
        step(this.#engine);
        return;
      } catch {
        if (restarts) this.#engine = null;
      }
    }
    throw new Error("One call failed, and three tries did");
  }

  deliver(): void {
    this.again((engine) => {
      for (const id of engine.services()) {
        for (const { sequence, minutes } of engine.attempt(id)) {
          if (sequence <= (this.#sequences.get(id) ?? 0)) continue;
          this.#sequences.set(id, sequence);
          for (const { encoded } of minutes) {
            this.observed.add(id, decodeWindow(encoded));
          }
        }
        engine.confirm(id, this.#sequences.get(id) ?? 0);
      }
    }, { restarts: false });
  }
}

function runShard(storage: DurableObjectStorage): ObservedMap {
  const shard = new RestartingShard(storage);
  let nowMs = NOW_MS;
  for (let at = 0; at < spans.length; at += 6) {
    const bytes = messageOf(spans.slice(at, at + 6));
    const arrivals = [readMessage(bytes)];
    shard.again((engine) => engine.accept(arrivals, nowMs));
    shard.again((engine) => engine.tick(nowMs));
    if (at % 12 === 0) shard.deliver();
    nowMs += at === 12 ? MAX_JOURNAL_AGE_MS : 700;
  }
  nowMs += PAIR_WAIT_MS;
  shard.again((engine) => engine.tick(nowMs));
  // The first attempt may bring only what is in doubt.
  shard.deliver();
  shard.deliver();
  return shard.observed;
}

test("ShardEngine finds the same map whichever call to its storage fails", async () => {
  const stub = env.TRACE_SHARD.getByName("failing/trace/0");
  await runInDurableObject(stub, (_, { storage }) => {
    let failAt = 0;
    let failed = true;
    while (failed) {
      expect(++failAt).toBeLessThan(MOST_CALLS);
      clear(storage, ["journal", "segment", "chunk", "delta"]);
      const failing = new FailingStorage(storage);
      failing.failAt = failAt;
      const observed = runShard(failing.storage);
      expect([failAt, observed.map()]).toEqual([failAt, bruteForceMap(spans)]);
      failed = failing.failed;
    }
    expect(failAt).toBeGreaterThan(30);
  });
});

const TRACE_TABLES = ["fresh_span", "kept_batch", "kept_chunk", "trace_page"];
const EVERYTHING = { ...ANY_TRACE, fromNs: 0n, toNs: 2n ** 63n };
const KEEP_BATCHES = { ageMs: Infinity, bytes: Infinity };

function textOf({ span }: GeneratedSpan): string {
  return `${span.operation} for ${span.durationNs}`;
}

/** Spans come, batches are made, and an object that fails is started again. */
class RestartingStore {
  /** What was taken without an error, and so acknowledged. */
  readonly taken: GeneratedSpan[] = [];
  readonly #storage: DurableObjectStorage;
  #store: TraceStore | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Whether it worked. */
  async once(
    step: (store: TraceStore) => Promise<void> | void,
  ): Promise<boolean> {
    try {
      this.#store ??= new TraceStore(this.#storage, { resourceIds: () => [] });
      await step(this.#store);
      return true;
    } catch {
      this.#store = null;
      return false;
    }
  }

  async accept(spans: readonly GeneratedSpan[], nowMs: number): Promise<void> {
    const message = readKept(spans, textOf);
    const isTaken = await this.once((store) => {
      // As a shard does: what one write brings is written as a whole or not.
      this.#storage.transactionSync(() => store.accept([message], nowMs));
    });
    if (isTaken) this.taken.push(...spans);
  }
}

async function runStore(storage: DurableObjectStorage) {
  const store = new RestartingStore(storage);
  for (let at = 0; at < spans.length; at += 6) {
    await store.accept(spans.slice(at, at + 6), NOW_MS + at);
    if (at % 12 === 0) await store.once((one) => one.batch(NOW_MS + at));
    await store.once((one) => one.retain(KEEP_BATCHES, NOW_MS + at));
  }
  await store.once((one) => one.batch(NOW_MS + 1000));
  return store.taken;
}

test("TraceStore finds all that it took, once, whichever call to its storage fails", async () => {
  const stub = env.TRACE_SHARD.getByName("failing/store/0");
  await runInDurableObject(stub, async (_, { storage }) => {
    let failAt = 0;
    let failed = true;
    while (failed) {
      expect(++failAt).toBeLessThan(MOST_CALLS);
      clear(storage, TRACE_TABLES);
      const failing = new FailingStorage(storage);
      failing.failAt = failAt;
      const taken = await runStore(failing.storage);
      failed = failing.failed;
      const store = new TraceStore(storage, { resourceIds: () => [] });
      const expected = bruteForceTraces(taken, textOf);
      const pieces = expected.map((trace) => [trace.traceId, trace.pieces]);
      expect([failAt, await foundPieces(store)]).toEqual([failAt, pieces]);
      await store.batch(NOW_MS + 2000);
      expect([failAt, await foundPieces(store)]).toEqual([failAt, pieces]);
      expect([failAt, indexed(storage)])
        .toEqual([failAt, expected.map(({ traceId }) => traceId).toSorted()]);
    }
    expect(failAt).toBeGreaterThan(30);
  });
});

/** Every trace that the index has, with the bytes of its spans. */
async function foundPieces(store: TraceStore) {
  const { found } = await store.search({
    filter: EVERYTHING,
    after: null,
    limit: 1000,
  });
  const ids = found.map(({ summary }) => summary.traceId);
  const kept = unpackKeptTraces(await store.find(ids));
  return ids.map((id) => [
    id,
    kept.find((trace) => trace.id === id)?.spans
      .map(({ span }) => new TextDecoder().decode(span)).toSorted(),
  ]);
}

/** The traces of all pages of the index; one in two pages is there twice. */
function indexed({ sql }: DurableObjectStorage): readonly string[] {
  return sql.exec<{ body: ArrayBuffer }>("SELECT body FROM trace_page")
    .toArray().flatMap(({ body }) => unpackPage(new Uint8Array(body)))
    .map(({ traceId }) => traceId).toSorted();
}

test.each(["retain", "batch"] as const)(
  "TraceStore.%s() that fails leaves all as it was, whichever call it is",
  async (step) => {
    const stub = env.TRACE_SHARD.getByName(`failing/store ${step}`);
    await runInDurableObject(stub, async (_, { storage }) => {
      let failAt = 0;
      let failed = true;
      while (failed) {
        expect(++failAt).toBeLessThan(MOST_CALLS);
        clear(storage, TRACE_TABLES);
        const failing = new FailingStorage(storage);
        const options = { resourceIds: () => [] };
        const store = new TraceStore(failing.storage, options);
        for (const at of [0, 6]) {
          const message = readKept(spans.slice(at, at + 12), textOf);
          store.accept([message], NOW_MS + at);
          if (at === 0 || step === "retain") await store.batch(NOW_MS + at);
        }
        const before = await foundPieces(store);
        failing.failAt = failing.calls + failAt;
        try {
          if (step === "batch") await store.batch(NOW_MS + 6);
          else store.retain({ ageMs: -1, bytes: Infinity }, NOW_MS + 6);
        } catch (error) {
          expect(String(error)).toContain(STORAGE_FAULT);
        }
        failed = failing.failed;
        const after = await foundPieces(new TraceStore(storage, options));
        const left = step === "retain" && !failed ? [] : before;
        expect([failAt, after]).toEqual([failAt, left]);
      }
      expect(failAt).toBeGreaterThan(3);
    });
  },
);

const service = { namespace: "shop", name: "cart", environment: "" };
const closedMinute = NOW_S - NOW_S % HOUR_S - HOUR_S;
const messages: readonly (readonly DeltaEvent[])[] = [
  [eventAt(closedMinute, 2), eventAt(closedMinute + MINUTE_S)],
  [eventAt(closedMinute, 1), eventAt(NOW_S)],
];
/** A hundred runs, each with a D1 of its own to read at the end. */
const EVERY_CALL_TIMEOUT_MS = 90_000;

/** What a service's object has around it. */
interface AggregateScenario {
  readonly storage: DurableObjectStorage;
  readonly database: D1Database;
  readonly tenant: string;
  /** Whether the object is evicted where a call fails, or goes on. */
  readonly restarts: boolean;
}

/** A service's object to which every step comes again that fails. */
async function runAggregate(
  { storage, database, tenant, restarts }: AggregateScenario,
): Promise<AggregateState> {
  let state: AggregateState | null = null;
  async function again(
    step: (state: AggregateState) => Promise<void> | void,
  ): Promise<void> {
    for (let tries = 0; tries < 3; tries++) {
      try {
        state ??= new AggregateState(storage);
        await step(state);
        return;
      } catch {
        if (restarts) state = null;
      }
    }
    throw new Error("One call failed, and three tries did");
  }
  for (const [at, events] of messages.entries()) {
    const message = encodeDeltaMessage({
      tenant,
      service,
      source: "shard",
      deltas: [{ sequence: at + 1, minutes: encodedMinutes(events) }],
    });
    await again((aggregate) => {
      const deltas = readSourceDeltas(message);
      aggregate.claim(deltas.owner);
      aggregate.apply([deltas], NOW_MS);
    });
    await again((aggregate) =>
      writeClosed(aggregate, database, { tenant, service })
    );
  }
  return new AggregateState(storage);
}

async function writeClosed(
  state: AggregateState,
  database: D1Database,
  owner: { readonly tenant: string; readonly service: typeof service },
): Promise<void> {
  state.expire(NOW_MS);
  let after: WindowKey | null = null;
  for (;;) {
    const snapshot = state.snapshot({ closedByMs: NOW_MS, after });
    if (snapshot === null) break;
    await writeHistory(database, owner, snapshot);
    state.confirm(snapshot);
    after = snapshot.last;
  }
  const purges = state.purges(NOW_MS);
  await purgeHistory(database, owner, [
    { resolution: MINUTE_S, startsS: [0] },
    ...purges,
  ]);
  state.confirmPurges(purges);
}

/** Every minute, from the object where D1 does not have it as it is now. */
async function minutesOf(
  state: AggregateState,
  database: D1Database,
  tenant: string,
): Promise<Map<number, unknown>> {
  const range = { resolution: MINUTE_S, fromS: 0, toS: 2 ** 33 } as const;
  const found = new Map<number, EncodedWindow>();
  const stored = readHistory(database, {
    tenant,
    services: [nodeId(service)],
    range,
    operations: true,
  });
  for await (const { startS, encoded } of stored) {
    found.set(startS, encoded as EncodedWindow);
  }
  const live = state.read({ ranges: [range], operations: true });
  for (const { startS, encoded } of live.windows) {
    found.set(startS, encoded as EncodedWindow);
  }
  return new Map(
    [...found].map(([startS, encoded]) => [
      startS,
      figures(decodeWindow(encoded)),
    ]),
  );
}

const expected = new Map(
  [...windowsOf(messages.flat(), MINUTE_S)]
    .map(([startS, window]) => [startS, figures(window)]),
);
const TABLES = ["owner", "window", "pending", "history", "source", "totals"];

/** What the object tells to `/metrics`, by series. */
function totalsOf(state: AggregateState): Map<string, Float64Array> {
  const { bytes } = state.totals(0, NOW_MS);
  const told = readTotalsPage(bytes, DEFAULT_GRAPH_BOUNDS);
  return new Map(told.map(({ key, values }) => [seriesId(key), values]));
}

const expectedTotals = new Map<string, Float64Array>();
for (const window of windowsOf(messages.flat(), MINUTE_S).values()) {
  for (const [id, { values }] of windowSeries(window, DEFAULT_GRAPH_BOUNDS)) {
    const known = expectedTotals.get(id);
    if (known === undefined) expectedTotals.set(id, values);
    else addValues(known, values);
  }
}

describe.each([
  ["is evicted then", true],
  ["goes on", false],
])("AggregateState, where the object %s,", (name, restarts) => {
  test(
    "holds the same minutes with D1 whichever call to its storage fails",
    async () => {
      const stub = env.SERVICE_AGGREGATE.getByName(`failing/storage ${name}`);
      await runInDurableObject(stub, async (_, { storage }) => {
        let failAt = 0;
        let failed = true;
        while (failed) {
          expect(++failAt).toBeLessThan(MOST_CALLS);
          clear(storage, TABLES);
          const failing = new FailingStorage(storage);
          failing.failAt = failAt;
          const tenant = `storage ${name} ${failAt}`;
          const database = env.DB;
          await runAggregate({
            storage: failing.storage,
            database,
            tenant,
            restarts,
          });
          failed = failing.failed;
          const state = new AggregateState(storage);
          expect([failAt, await minutesOf(state, database, tenant)])
            .toEqual([failAt, expected]);
          expect([failAt, totalsOf(state)]).toEqual([failAt, expectedTotals]);
        }
        expect(failAt).toBeGreaterThan(30);
      });
    },
    EVERY_CALL_TIMEOUT_MS,
  );

  test.each(["before", "after"] as const)(
    "holds the same minutes with D1 whichever call to D1 fails %s it ran",
    async (moment) => {
      const stub = env.SERVICE_AGGREGATE.getByName(`failing/${name} ${moment}`);
      await runInDurableObject(stub, async (_, { storage }) => {
        let failAt = 0;
        let failed = true;
        while (failed) {
          expect(++failAt).toBeLessThan(MOST_CALLS);
          clear(storage, TABLES);
          const failing = new FailingDatabase(env.DB, { failAt, moment });
          const { database } = failing;
          const tenant = `d1 ${name} ${moment} ${failAt}`;
          const scenario = { storage, database, tenant, restarts };
          const state = await runAggregate(scenario);
          failed = failing.failed;
          expect([failAt, await minutesOf(state, env.DB, tenant)])
            .toEqual([failAt, expected]);
        }
        expect(failAt).toBeGreaterThan(messages.length);
      });
    },
  );
});
