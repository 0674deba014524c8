import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  MAX_KEPT_SPAN_BYTES,
  SpanBlockWriter,
} from "../../src/trace_store/span_block.ts";
import {
  MAX_BATCH_FILTER_BYTES,
  MAX_BATCHES,
} from "../../src/trace_store/kept_batches.ts";
import { unpackKeptTraces } from "../../src/trace_store/kept_trace.ts";
import { MAX_TRACE_BYTES } from "../../src/trace_store/trace_batch.ts";
import {
  MAX_BATCHES_AT_ONCE,
  MAX_FRESH_AGE_MS,
  MAX_FRESH_BYTES,
  MAX_MOVED_BYTES,
  MAX_WAITING_FRESH_BYTES,
  TraceStore,
  type TraceStoreOptions,
} from "../../src/trace_store/trace_store.ts";
import type { SpanFacts } from "../../src/trace/span_facts.ts";
import {
  readMessage,
  TraceMessageWriter,
  withBlock,
} from "../../src/trace/trace_message.ts";
import { ANY_TRACE } from "../../src/search/trace_filter.ts";
import { plainSpan } from "../trace/plain_span.ts";
import { FailingStorage } from "./failing_storage.ts";
import { smallId } from "../trace/span_arbitrary.ts";

const NOW_MS = 1_700_000_000_000;
const TABLES = ["fresh_span", "kept_batch", "kept_chunk", "trace_page"];
const NOTHING = new Uint8Array();
const KEEP_ALL = { ageMs: Infinity, bytes: Infinity };
/** What a row of the platform can hold. */
const MAX_ROW_BYTES = 2_000_000;

interface Sent {
  readonly facts: Partial<SpanFacts>;
  /** Of the span. */
  readonly bytes: number;
}

function messageOf(spans: readonly Sent[]): ReturnType<typeof readMessage> {
  const facts = new TraceMessageWriter();
  const block = new SpanBlockWriter("protobuf");
  for (const one of spans) {
    facts.span(plainSpan(NOW_MS, one.facts));
    const span = new Uint8Array(one.bytes);
    block.add({ resource: NOTHING, scope: NOTHING, span });
  }
  return readMessage(withBlock(facts.finish(), block.finish()));
}

/** A trace of so many bytes, in spans of at most 128 KiB. */
function sendTrace(
  store: TraceStore,
  trace: number,
  { bytes, firstSpan = 1 }: {
    readonly bytes: number;
    readonly firstSpan?: number;
  },
): void {
  const most = 128 * 1024;
  for (let left = bytes, span = firstSpan; left > 0; left -= most, span++) {
    const facts = { traceId: smallId(16, trace), spanId: smallId(8, span) };
    store.accept([messageOf([{ facts, bytes: Math.min(left, most) }])], NOW_MS);
  }
}

async function spansOf(store: TraceStore, trace: number): Promise<number> {
  const [found] = unpackKeptTraces(await store.find([smallId(16, trace)]));
  return found?.spans.length ?? 0;
}

async function found(store: TraceStore): Promise<number> {
  const filter = { ...ANY_TRACE, fromNs: 0n, toNs: 2n ** 62n };
  const result = await store.search({ filter, after: null, limit: 1000 });
  return result.found.length;
}

function opened(
  storage: DurableObjectStorage,
  options: Partial<TraceStoreOptions> = {},
): TraceStore {
  return new TraceStore(storage, { resourceIds: () => [], ...options });
}

async function withStorage(
  name: string,
  use: (storage: DurableObjectStorage) => Promise<void> | void,
): Promise<void> {
  const stub = env.TRACE_SHARD.getByName(`trace store limits/${name}`);
  await runInDurableObject(stub, async (_, { storage }) => {
    for (const table of TABLES) storage.sql.exec(`DELETE FROM ${table}`);
    await use(storage);
  });
}

function insertHead(
  storage: DurableObjectStorage,
  id: number,
  filterBytes: number,
): void {
  storage.sql.exec(
    `INSERT INTO kept_batch (id, created_ms, bytes, traces, filter)
     VALUES (?, ?, 1, 1, zeroblob(?))`,
    id,
    NOW_MS,
    filterBytes,
  );
}

function idsOf(storage: DurableObjectStorage): {
  readonly first: number;
  readonly count: number;
} {
  return storage.sql.exec<{ first: number; count: number }>(
    "SELECT min(id) AS first, count(*) AS count FROM kept_batch",
  ).one();
}

test("TraceStore.retain() keeps MAX_BATCHES batches, and forgets the oldest of more", async () => {
  await withStorage("batches", (storage) => {
    for (let id = 1; id <= MAX_BATCHES; id++) insertHead(storage, id, 64);
    opened(storage).retain(KEEP_ALL, NOW_MS);
    expect(idsOf(storage)).toEqual({ first: 1, count: MAX_BATCHES });
    insertHead(storage, MAX_BATCHES + 1, 64);
    const store = opened(storage);
    store.retain(KEEP_ALL, NOW_MS);
    expect(idsOf(storage)).toEqual({ first: 2, count: MAX_BATCHES });
    expect(store.status().batches).toBe(MAX_BATCHES);
    opened(storage, { batches: { batches: 3 } }).retain(KEEP_ALL, NOW_MS);
    expect(idsOf(storage)).toEqual({ first: MAX_BATCHES - 1, count: 3 });
  });
});

test("TraceStore.retain() keeps MAX_BATCH_FILTER_BYTES of filters, and forgets the oldest of more", async () => {
  await withStorage("filters", (storage) => {
    const each = 1024 * 1024;
    const count = MAX_BATCH_FILTER_BYTES / each;
    insertHead(storage, 1, each - 1);
    for (let id = 2; id <= count; id++) insertHead(storage, id, each);
    insertHead(storage, count + 1, 1);
    opened(storage).retain(KEEP_ALL, NOW_MS);
    expect(idsOf(storage)).toEqual({ first: 1, count: count + 1 });
    insertHead(storage, count + 2, 1);
    opened(storage).retain(KEEP_ALL, NOW_MS);
    expect(idsOf(storage)).toEqual({ first: 2, count: count + 1 });
  });
});

test("TraceStore keeps MAX_TRACE_BYTES of a trace, and counts the spans beyond", async () => {
  await withStorage("trace bytes", async (storage) => {
    const store = opened(storage);
    sendTrace(store, 1, { bytes: MAX_TRACE_BYTES });
    sendTrace(store, 2, { bytes: MAX_TRACE_BYTES + 1 });
    const spans = MAX_TRACE_BYTES / (128 * 1024);
    expect([await spansOf(store, 1), await spansOf(store, 2)])
      .toEqual([spans, spans]);
    await store.batch(NOW_MS);
    expect([await spansOf(store, 1), await spansOf(store, 2)])
      .toEqual([spans, spans]);
    // One more joins neither, and takes no trace out of the index.
    sendTrace(store, 1, { bytes: 1, firstSpan: 99 });
    await store.batch(NOW_MS);
    expect([await spansOf(store, 1), await found(store)]).toEqual([spans, 2]);
    expect(store.status().longSpans).toBeGreaterThanOrEqual(2);
  });
});

test("TraceStore.nextBatchMs() is at once from MAX_FRESH_BYTES on", async () => {
  await withStorage("fresh bytes", (storage) => {
    const store = opened(storage);
    sendTrace(store, 1, { bytes: MAX_FRESH_BYTES - 64 * 1024 });
    const { freshBytes } = store.status();
    // What a row adds to a span is the same for the two that follow.
    const overhead = rowBytes(store, 2, 20_000) - 20_000;
    const left = MAX_FRESH_BYTES - freshBytes - (overhead + 20_000) - overhead;
    rowBytes(store, 3, left - 1);
    expect(store.status().freshBytes).toBe(MAX_FRESH_BYTES - 1);
    expect(store.nextBatchMs(NOW_MS)).toBe(NOW_MS + MAX_FRESH_AGE_MS);
    storage.sql.exec("DELETE FROM fresh_span");
    const again = opened(storage);
    sendTrace(again, 1, { bytes: MAX_FRESH_BYTES - 64 * 1024 });
    rowBytes(again, 2, 20_000);
    rowBytes(again, 3, left);
    expect(again.status().freshBytes).toBe(MAX_FRESH_BYTES);
    expect(again.nextBatchMs(NOW_MS)).toBe(NOW_MS);
  });
});

function rowBytes(store: TraceStore, trace: number, bytes: number): number {
  const before = store.status().freshBytes;
  sendTrace(store, trace, { bytes });
  return store.status().freshBytes - before;
}

test("TraceStore.accept() keeps fresh rows of MAX_WAITING_FRESH_BYTES, and counts the spans beyond", async () => {
  expect(MAX_WAITING_FRESH_BYTES).toBeGreaterThan(2 * MAX_FRESH_BYTES);
  await withStorage("waiting bytes", async (storage) => {
    const row = rowBytes(opened(storage), 1, 1000);
    storage.sql.exec("DELETE FROM fresh_span");
    const store = opened(storage, { maxWaitingBytes: 3 * row });
    // Those that are being put in a batch count, too.
    sendTrace(store, 1, { bytes: 1000 });
    const ending = store.batch(NOW_MS);
    sendTrace(store, 2, { bytes: 1000 });
    sendTrace(store, 3, { bytes: 1000 });
    expect([store.status().freshBytes, store.status().crowdedSpans])
      .toEqual([3 * row, 0]);
    sendTrace(store, 4, { bytes: 1 });
    expect([store.status().freshBytes, store.status().crowdedSpans])
      .toEqual([3 * row, 1]);
    expect([await spansOf(store, 3), await spansOf(store, 4)]).toEqual([1, 0]);
    await ending;
    sendTrace(store, 5, { bytes: 1001 });
    expect(store.status().crowdedSpans).toBe(2);
    sendTrace(store, 6, { bytes: 1000 });
    expect([store.status().freshBytes, store.status().crowdedSpans])
      .toEqual([3 * row, 2]);
    expect([await found(store), await found(opened(storage))]).toEqual([4, 4]);
  });
});

test("TraceStore.nextBatchMs() is at once from half of what is kept on, and the newest batch stays", async () => {
  await withStorage("small limit", async (storage) => {
    const store = opened(storage);
    sendTrace(store, 1, { bytes: 1000 });
    const bytes = 2 * store.status().freshBytes;
    expect(store.nextBatchMs(NOW_MS, { bytes })).toBe(NOW_MS);
    expect(store.nextBatchMs(NOW_MS, { bytes: bytes + 2 }))
      .toBe(NOW_MS + MAX_FRESH_AGE_MS);
    await store.batch(NOW_MS);
    const least = { ageMs: 10, bytes: 1 };
    store.retain(least, NOW_MS);
    expect(await found(store)).toBe(1);
    sendTrace(store, 2, { bytes: 1000 });
    await store.batch(NOW_MS + 5);
    store.retain(least, NOW_MS + 5);
    expect([await spansOf(store, 1), await spansOf(store, 2)]).toEqual([0, 1]);
    store.retain(least, NOW_MS + 16);
    expect(await found(store)).toBe(0);
  });
});

test("TraceStore.search() asks the batches about a fresh trace once, until another batch is there or one went", async () => {
  await withStorage("asked once", async (storage) => {
    const counting = new FailingStorage(storage);
    const store = opened(counting.storage);
    async function callsOfSearch(): Promise<number> {
      const before = counting.calls;
      expect(await found(store)).toBe(2);
      return counting.calls - before;
    }
    sendTrace(store, 1, { bytes: 1000 });
    await store.batch(NOW_MS);
    sendTrace(store, 2, { bytes: 1000 });
    const plain = await callsOfSearch();
    // What comes now is in the batch already: with its place and its chunk.
    sendTrace(store, 1, { bytes: 1000, firstSpan: 2 });
    expect(await callsOfSearch()).toBe(plain + 2);
    expect(await callsOfSearch()).toBe(plain);
    sendTrace(store, 1, { bytes: 1000, firstSpan: 3 });
    expect(await callsOfSearch()).toBe(plain);
    store.retain(KEEP_ALL, NOW_MS);
    expect(await callsOfSearch()).toBe(plain);
    expect(await spanCount(store, 1)).toBe(3);
    await store.batch(NOW_MS);
    sendTrace(store, 1, { bytes: 1000, firstSpan: 4 });
    expect(await spanCount(store, 1)).toBe(4);
    store.retain({ ageMs: -1, bytes: Infinity }, NOW_MS);
    expect(await spanCount(store, 1)).toBe(1);
  });
});

/** As a search tells of it. */
async function spanCount(store: TraceStore, trace: number) {
  const filter = { ...ANY_TRACE, fromNs: 0n, toNs: 2n ** 62n };
  const result = await store.search({ filter, after: null, limit: 1000 });
  return result.found.find(({ summary }) =>
    summary.traceId === smallId(16, trace)
  )?.summary.spanCount;
}

test.each([
  [MAX_MOVED_BYTES / MAX_TRACE_BYTES + 1, 1],
  [MAX_MOVED_BYTES / MAX_TRACE_BYTES + 2, 2],
])(
  "TraceStore.batch() moves %d large traces in %d batches of MAX_MOVED_BYTES",
  async (traces, batches) => {
    await withStorage(`moved bytes ${traces}`, async (storage) => {
      const store = opened(storage);
      for (let trace = 1; trace <= traces; trace++) {
        // Less than all that is kept of one, so that another span has room.
        sendTrace(store, trace, { bytes: MAX_TRACE_BYTES - 128 * 1024 });
        await store.batch(NOW_MS);
      }
      const spans = await spansOf(store, 1);
      for (let trace = 1; trace <= traces; trace++) {
        sendTrace(store, trace, { bytes: 1, firstSpan: 99 });
      }
      expect(await found(store)).toBe(traces);
      await store.batch(NOW_MS);
      expect(store.status().batches).toBe(traces + batches);
      expect(store.status().lateSpans).toBe(0);
      expect(await spansOf(store, 1)).toBe(spans + 1);
      expect(await found(store)).toBe(traces);
    });
  },
);

test.each([[MAX_BATCHES_AT_ONCE, 0], [MAX_BATCHES_AT_ONCE + 1, 1]])(
  "TraceStore.batch() of late spans of %d traces that move one by one loses %d",
  async (traces, late) => {
    await withStorage(`batches at once ${traces}`, async (storage) => {
      const store = opened(storage, { maxMovedBytes: 1 });
      for (let trace = 1; trace <= traces; trace++) {
        sendTrace(store, trace, { bytes: 1000 });
        await store.batch(NOW_MS);
      }
      for (let trace = 1; trace <= traces; trace++) {
        sendTrace(store, trace, { bytes: 10, firstSpan: 99 });
      }
      await store.batch(NOW_MS);
      expect(store.status().lateSpans).toBe(late);
      expect([await spansOf(store, 1), await spansOf(store, 2)])
        .toEqual([2 - late, 2]);
      expect([await found(store), store.status().freshSpans])
        .toEqual([traces, 0]);
    });
  },
);

test("TraceStore.batch() keeps what is new, however many filters are wrong", async () => {
  await withStorage("wrong filters", async (storage) => {
    const first = opened(storage);
    for (let trace = 1; trace <= 4; trace++) {
      sendTrace(first, trace, { bytes: 1000 });
      await first.batch(NOW_MS);
    }
    const everything = new Uint8Array(64).fill(0xff);
    storage.sql.exec("UPDATE kept_batch SET filter = ?", everything);
    const store = opened(storage, { maxMovedBytes: 1 });
    for (let trace = 5; trace <= 9; trace++) {
      sendTrace(store, trace, { bytes: 1000 });
    }
    await store.batch(NOW_MS);
    expect([store.status().lateSpans, await found(store)]).toEqual([0, 9]);
  });
});

test("TraceStore.search() finds a trace by its older spans, where its batch is not read", async () => {
  await withStorage("unread older", async (storage) => {
    const store = opened(storage, { maxMovedBytes: 0 });
    const failed = { traceId: smallId(16, 1), status: 2 } as const;
    store.accept([messageOf([{ facts: failed, bytes: 9 }])], NOW_MS);
    await store.batch(NOW_MS);
    sendTrace(store, 1, { bytes: 9, firstSpan: 2 });
    const filter = { ...ANY_TRACE, failed: true, fromNs: 0n, toNs: 2n ** 62n };
    const result = await store.search({ filter, after: null, limit: 9 });
    expect(result.found.map(({ summary }) => summary.spanCount)).toEqual([1]);
  });
});

test("TraceStore writes rows that the platform takes, whatever the spans", async () => {
  await withStorage("rows", async (storage) => {
    const store = opened(storage);
    const long = "漢".repeat(250);
    const random = new Uint8Array(64 * 1024);
    for (let trace = 1; trace <= 20; trace++) {
      const facts = new TraceMessageWriter();
      const block = new SpanBlockWriter("json");
      for (let span = 1; span <= 15; span++) {
        facts.span(plainSpan(NOW_MS, {
          traceId: smallId(16, trace),
          spanId: smallId(8, span),
          status: 2,
          service: {
            namespace: long,
            name: `${trace} ${span} ${long}`,
            environment: long,
          },
          operation: `${trace} ${span} ${long}`,
        }));
        crypto.getRandomValues(random);
        // The last one comes when the message is all but full.
        const last = span === 15 ? new Uint8Array(MAX_KEPT_SPAN_BYTES) : null;
        block.add({
          resource: NOTHING,
          scope: NOTHING,
          span: last ?? random.slice(),
        });
      }
      const bytes = withBlock(facts.finish(), block.finish());
      store.accept([readMessage(bytes)], NOW_MS);
    }
    const fresh = largestRow(storage, "fresh_span", "length(body)");
    await store.batch(NOW_MS);
    const rows = {
      fresh,
      batch: largestRow(storage, "kept_batch", "length(filter)"),
      chunk: largestRow(storage, "kept_chunk", "length(body)"),
      page: largestRow(
        storage,
        "trace_page",
        "length(body) + length(CAST(services AS BLOB))",
      ),
    };
    for (const [row, bytes] of Object.entries(rows)) {
      expect([row, bytes > 0 && bytes < MAX_ROW_BYTES]).toEqual([row, true]);
    }
    expect(rows.fresh).toBeGreaterThan(MAX_ROW_BYTES / 2);
    expect([await found(store), await spansOf(store, 20)]).toEqual([20, 15]);
  });
});

function largestRow(
  storage: DurableObjectStorage,
  table: string,
  size: string,
): number {
  return storage.sql.exec<{ bytes: number }>(
    `SELECT max(${size}) AS bytes FROM ${table}`,
  ).one().bytes;
}
