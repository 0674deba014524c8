import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MAX_WAITING_MESSAGES } from "../../durable-objects/service_aggregate.ts";
import { encodeDeltaMessage } from "../../src/aggregate/delta_message.ts";
import {
  HistoryExtent,
  MAX_PURGED_WINDOWS,
} from "../../src/aggregate/history_extent.ts";
import { LIVE_PAGE_BYTES } from "../../src/aggregate/read_live.ts";
import { SNAPSHOT_BYTES } from "../../src/aggregate/history_snapshot.ts";
import {
  SOURCE_RETENTION_MS,
  SourceBook,
} from "../../src/aggregate/source_book.ts";
import { MAX_CACHED_WINDOWS } from "../../src/aggregate/window_store.ts";
import { FUTURE_LIMIT_S, LATE_LIMIT_S } from "../../src/history/retention.ts";
import { DAY_S, MINUTE_S } from "../../src/history/window_range.ts";
import {
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import {
  edgeOf,
  MAX_EDGES_PER_SERVICE,
  MAX_OPERATIONS_PER_SERVICE,
  operationOf,
  OVERFLOW_NAME,
} from "../../src/map/window_entries.ts";
import { type NodeIdentity, virtualNode } from "../../src/map/node_identity.ts";
import { encodeWindow } from "../../src/map/service_window_codec.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import { eventsIn } from "../aggregate/delta_events.ts";
import {
  AggregateTrial,
  CLOSED_S,
  encodedMinutes,
  eventAt,
  MINUTES,
  NOW_S,
  setClock,
} from "./aggregate_trial.ts";

beforeEach(() => setClock(NOW_S));
afterEach(() => {
  vi.useRealTimers();
});

test("apply() counts a delta once however often it is sent", async () => {
  const trial = new AggregateTrial();
  const first = [eventAt(NOW_S)];
  expect(await trial.send(first)).toBe(1);
  expect(await trial.sendAgain(1, first)).toBe(1);
  expect(await trial.send([eventAt(NOW_S, 2)])).toBe(2);
  expect(await trial.sendAgain(1, first)).toBe(2);
  expect(await trial.send([eventAt(CLOSED_S)], "b")).toBe(1);
  await trial.check();
});

test("apply() counts what is new in a message and skips the rest", async () => {
  const trial = new AggregateTrial();
  await trial.send([eventAt(NOW_S)]);
  const deltas = [1, 2, 5].map((sequence) => ({
    sequence,
    minutes: encodedMinutes([eventAt(NOW_S)]),
  }));
  const { tenant, service } = trial;
  const message = { tenant, service, source: "a", deltas };
  expect(await trial.stub.apply(encodeDeltaMessage(message))).toBe(5);
  trial.events.push(eventAt(NOW_S), eventAt(NOW_S));
  await trial.check();
});

test("apply() refuses sequence numbers that do not rise", async () => {
  const trial = new AggregateTrial();
  const { tenant, service } = trial;
  const deltas = [2, 1].map((sequence) => ({ sequence, minutes: [] }));
  const message = encodeDeltaMessage({ tenant, service, source: "a", deltas });
  await runInDurableObject(trial.stub, async (object) => {
    await expect(object.apply(message)).rejects.toThrow('"1" of "a"');
  });
});

test("apply() refuses the deltas of another service", async () => {
  const trial = new AggregateTrial();
  await trial.send([eventAt(NOW_S)]);
  const message = encodeDeltaMessage({
    tenant: trial.tenant,
    service: virtualNode("mail"),
    source: "a",
    deltas: [],
  });
  await runInDurableObject(trial.stub, async (object) => {
    await expect(object.apply(message)).rejects.toThrow('"mail"');
  });
});

test("apply() lets concurrent messages share a write", async () => {
  const trial = new AggregateTrial();
  const syncs = await runInDurableObject(trial.stub, async (object, state) => {
    const sync = vi.spyOn(state.storage, "sync");
    const { tenant, service } = trial;
    const sequences = await Promise.all(
      Array.from({ length: 20 }, (_, at) => {
        trial.events.push(eventAt(NOW_S));
        const minutes = encodedMinutes([eventAt(NOW_S)]);
        const deltas = [{ sequence: 1, minutes }];
        const source = `source ${at}`;
        return object.apply(
          encodeDeltaMessage({ tenant, service, source, deltas }),
        );
      }),
    );
    expect(new Set(sequences)).toEqual(new Set([1]));
    return sync.mock.calls.length;
  });
  expect(syncs).toBe(2);
  await trial.check();
});

test("apply() survives an eviction between any two calls", async () => {
  const trial = new AggregateTrial();
  for (const minuteS of [...MINUTES, ...MINUTES]) {
    await trial.send([eventAt(minuteS)]);
    await trial.evict();
  }
  await trial.check();
  await trial.evict();
  await runDurableObjectAlarm(trial.stub);
  await trial.evict();
  await trial.check();
  expect(await trial.sendAgain(3, [eventAt(NOW_S)])).toBe(2 * MINUTES.length);
  await trial.check();
});

test("apply() keeps no more windows in memory than it may, and loses none", async () => {
  const trial = new AggregateTrial();
  const minutes = Array.from(
    { length: MAX_CACHED_WINDOWS + 1 },
    (_, at) => NOW_S - at * MINUTE_S,
  );
  await trial.send(minutes.map((minuteS) => eventAt(minuteS)));
  await trial.send(minutes.map((minuteS) => eventAt(minuteS)));
  await trial.check();
});

test("apply() counts what is older than LATE_LIMIT_S as too late", async () => {
  const trial = new AggregateTrial();
  const oldestS = Math.ceil((NOW_S - LATE_LIMIT_S) / MINUTE_S) * MINUTE_S;
  await trial.send([eventAt(oldestS)]);
  await trial.check();
  await trial.sendAgain(2, [eventAt(oldestS - MINUTE_S)]);
  const minutes = await trial.load(MINUTE_S);
  expect(minutes.map(({ startS, window }) => [startS, window.counters.tooLate]))
    .toEqual([[oldestS, 0], [NOW_S - NOW_S % MINUTE_S, 1]]);
});

test("apply() counts what is beyond FUTURE_LIMIT_S as skewed", async () => {
  const trial = new AggregateTrial();
  const newestS = NOW_S + FUTURE_LIMIT_S - NOW_S % MINUTE_S;
  await trial.send([eventAt(newestS)]);
  await trial.check();
  await trial.sendAgain(2, [eventAt(newestS + MINUTE_S)]);
  const minutes = await trial.load(MINUTE_S);
  const skewed = minutes.map(({ startS, window }) => [
    startS,
    window.counters.skewed,
  ]);
  expect(skewed).toEqual([[NOW_S - NOW_S % MINUTE_S, 1], [newestS, 0]]);
});

test("apply() folds edges and operations beyond the limits into __overflow__", async () => {
  const trial = new AggregateTrial();
  async function sendRange(from: number, to: number): Promise<void> {
    const window = emptyWindow();
    for (let at = from; at < to; at++) {
      edgeOf(window, {
        from: trial.service,
        to: virtualNode(`node ${at}`),
        connectionType: "",
        system: "",
        destination: "",
      }).latency.record(1e6, 1);
      operationOf(window, {
        name: `operation ${at}`,
        kind: SpanKind.SERVER,
        status: StatusCode.UNSET,
      }).duration.record(1e6, 1);
    }
    const { tenant, service } = trial;
    const startS = CLOSED_S - CLOSED_S % MINUTE_S;
    const minutes = [{ startS, encoded: encodeWindow(window) }];
    const deltas = [{ sequence: to, minutes }];
    await trial.stub.apply(
      encodeDeltaMessage({ tenant, service, source: "a", deltas }),
    );
  }
  async function overflow(): Promise<unknown[]> {
    const [loaded] = await trial.load(MINUTE_S);
    if (loaded === undefined) throw new RangeError("Cannot find the minute");
    const { edges, operations, counters } = loaded.window;
    return [
      edges.size,
      operations.size,
      counters.overflowedEdges,
      counters.overflowedOperations,
      [...edges.values()].filter(({ key }) => key.to.name === OVERFLOW_NAME)
        .map(({ latency }) => latency.count),
      [...operations.values()].filter(({ name }) => name === OVERFLOW_NAME)
        .map(({ duration }) => duration.count),
    ];
  }
  expect(MAX_EDGES_PER_SERVICE).toBe(MAX_OPERATIONS_PER_SERVICE);
  const limit = MAX_EDGES_PER_SERVICE;
  await sendRange(0, limit - 1);
  await sendRange(limit - 1, limit);
  expect(await overflow()).toEqual([limit, limit, 0, 0, [], []]);
  await sendRange(limit, limit + 1);
  expect(await overflow()).toEqual([limit + 1, limit + 1, 1, 1, [1], [1]]);
  await sendRange(limit + 1, limit + 4);
  expect(await overflow()).toEqual([limit + 1, limit + 1, 4, 4, [4], [4]]);
});

test("ServiceAggregate sets an alarm anew that got lost or never fired", async () => {
  vi.useRealTimers();
  const trial = new AggregateTrial();
  const nowS = Math.floor(Date.now() / 1000);
  for (const lost of [true, false]) {
    const minuteS = nowS - 10 * MINUTE_S - (lost ? MINUTE_S : 0);
    await trial.send([eventAt(minuteS)]);
    await runInDurableObject(trial.stub, async (_, state) => {
      if (lost) await state.storage.deleteAlarm();
      else await state.storage.setAlarm(Date.now() + 300);
    });
    await trial.evict();
    if (lost) await trial.stub.read({ ranges: [], operations: false });
    await vi.waitUntil(
      async () =>
        (await trial.stored(MINUTE_S)).includes(minuteS - minuteS % MINUTE_S),
      { timeout: 10_000, interval: 50 },
    );
  }
  await trial.check();
});

test("ServiceAggregate takes windows that fit neither in one row nor in one answer", async () => {
  const trial = new AggregateTrial();
  const encoded = encodeWindow(largeWindow(trial.service));
  expect(encoded.summary.length).toBeGreaterThan(2_000_000);
  expect(2 * encoded.summary.length).toBeGreaterThan(SNAPSHOT_BYTES);
  expect(SNAPSHOT_BYTES).toBe(LIVE_PAGE_BYTES);
  const { tenant, service } = trial;
  const first = CLOSED_S - CLOSED_S % MINUTE_S;
  const starts = [first, first + MINUTE_S, first + 2 * MINUTE_S];
  for (const [at, startS] of starts.entries()) {
    const deltas = [{ sequence: at + 1, minutes: [{ startS, encoded }] }];
    await trial.stub.apply(
      encodeDeltaMessage({ tenant, service, source: "a", deltas }),
    );
  }
  const ranges = [{ resolution: MINUTE_S, fromS: 0, toS: NOW_S } as const];
  const page = await trial.stub.read({ ranges, operations: false });
  expect(page.windows.map(({ startS }) => startS)).toEqual(starts.slice(0, 2));
  expect(page.more).toBe(true);
  for (const stored of [[], starts]) {
    expect(await trial.stored(MINUTE_S)).toEqual(stored);
    const loaded = await trial.load(MINUTE_S);
    expect(new Set(loaded.map(({ startS }) => startS)))
      .toEqual(new Set(starts));
    for (const { window } of loaded) {
      expect(sameBytes(encodeWindow(window).summary, encoded.summary))
        .toBe(true);
    }
    await trial.evict();
    await runDurableObjectAlarm(trial.stub);
  }
  expect(await trial.live(MINUTE_S)).toEqual([]);
});

function largeWindow(from: NodeIdentity): ServiceWindow {
  const window = emptyWindow();
  for (let at = 0; at < 425; at++) {
    const edge = edgeOf(window, {
      from,
      to: virtualNode(`node ${at}`),
      connectionType: "",
      system: "",
      destination: "",
    });
    for (let bucket = 0; bucket < 1000; bucket++) {
      edge.latency.record(1000 * 2 ** (bucket / 32), 1);
      edge.client.record(1000 * 2 ** (bucket / 32), 1000 + bucket);
    }
  }
  return window;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

test("apply() refuses more than MAX_WAITING_MESSAGES that wait", async () => {
  const trial = new AggregateTrial();
  const { tenant, service } = trial;
  await runInDurableObject(trial.stub, async (object) => {
    // One more than may wait: the first is being written.
    for (const beyond of [1, 2]) {
      const answers = await Promise.allSettled(
        Array.from({ length: MAX_WAITING_MESSAGES + beyond }, (_, at) => {
          const source = `source ${at}`;
          return object.apply(
            encodeDeltaMessage({ tenant, service, source, deltas: [] }),
          );
        }),
      );
      const refused = answers.filter(({ status }) => status === "rejected");
      expect(refused.length).toBe(beyond - 1);
    }
  });
});

test("HistoryExtent deletes at most MAX_PURGED_WINDOWS at a time", async () => {
  const trial = new AggregateTrial();
  await runInDurableObject(trial.stub, (_, state) => {
    const extent = new HistoryExtent(state.storage.sql);
    const oldestS = NOW_S - NOW_S % MINUTE_S;
    const newestS = oldestS + MAX_PURGED_WINDOWS * MINUTE_S;
    extent.add({ resolution: MINUTE_S, startS: newestS });
    extent.add({ resolution: MINUTE_S, startS: oldestS });
    const purged: number[] = [];
    for (const count of [MAX_PURGED_WINDOWS, 1]) {
      const [purge] = extent.purges(NOW_S + 30 * DAY_S);
      expect(purge?.startsS.length).toBe(count);
      if (purge === undefined) return;
      purged.push(...purge.startsS);
      extent.remove(purge);
    }
    expect(purged).toEqual(
      Array.from(
        { length: MAX_PURGED_WINDOWS + 1 },
        (_, at) => oldestS + at * MINUTE_S,
      ),
    );
    expect(extent.purges(NOW_S + 30 * DAY_S)).toEqual([]);
    expect(extent.firstExpiresMs()).toBe(null);
  });
});

test("SourceBook forgets a source after SOURCE_RETENTION_MS of silence", async () => {
  const trial = new AggregateTrial();
  await runInDurableObject(trial.stub, (_, state) => {
    const book = new SourceBook(state.storage.sql);
    book.note("a", 7, 1000);
    book.expire(1000 + SOURCE_RETENTION_MS);
    expect(book.last("a")).toBe(7);
    book.expire(1001 + SOURCE_RETENTION_MS);
    expect(book.last("a")).toBe(0);
  });
});

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: eventsIn(MINUTES) },
    fc.constantFrom("alarm", "alarm with load", "evict", "resend"),
    fc.constant("pass" as const),
  ),
  { maxLength: 14 },
);

test("loadWindows() is the truth at any moment of an object's life", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (moves) => {
      const trial = new AggregateTrial();
      let nowS = NOW_S;
      let sent = 0;
      setClock(nowS);
      for (const move of moves) {
        if (typeof move !== "string") {
          await trial.send(move);
          sent++;
        } else if (move === "alarm") await runDurableObjectAlarm(trial.stub);
        else if (move === "alarm with load") {
          await Promise.all([
            runDurableObjectAlarm(trial.stub),
            trial.check(),
            trial.check(),
          ]);
        } else if (move === "evict") await trial.evict();
        else if (move === "resend" && sent > 0) {
          await trial.sendAgain(sent, [eventAt(NOW_S)]);
        } else if (move === "pass") setClock(nowS += 1111);
        await trial.check();
      }
    }),
    { numRuns: 30, plugins: [fc.interruptAfterTimeLimit(20_000)] },
  );
});
