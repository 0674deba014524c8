import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { MAX_PART_BYTES } from "../../src/storage/blob_parts.ts";
import { BloomFilter } from "../../src/trace/bloom_filter.ts";
import { ShardStore } from "../../src/trace/shard_store.ts";
import {
  HOT_IDLE_MS,
  MAX_FILTER_BYTES,
  MAX_HOT_SPANS,
  MAX_SEGMENT_BYTES,
  MAX_SEGMENTS,
  TRACE_MEMORY_MS,
  TraceTable,
  type TraceTableLimits,
} from "../../src/trace/trace_table.ts";

const NOW_MS = 1_700_000_000_000;

async function withTable(
  name: string,
  limits: TraceTableLimits,
  use: (table: TraceTable, store: ShardStore) => void,
): Promise<void> {
  const stub = env.TRACE_SHARD.getByName(`table/${name}`);
  await runInDurableObject(stub, (_, { storage }) => {
    const store = new ShardStore(storage.sql);
    use(new TraceTable(store, limits), store);
  });
}

function traceId(number: number): string {
  return number.toString().padStart(16, "0");
}

/** Notes a span of a trace and writes a checkpoint. */
function checkpoint(table: TraceTable, number: number, nowMs: number): void {
  table.trace(traceId(number), nowMs).seen.add(`span ${number}`);
  table.changed(traceId(number), 1);
  table.checkpoint(nowMs);
}

function spansOf(table: TraceTable, number: number, nowMs: number): number {
  return table.trace(traceId(number), nowMs).seen.size;
}

test("TraceTable keeps so many segments, and forgets the oldest of one more", async () => {
  await withTable("segments", { segments: 3 }, (table, store) => {
    for (const number of [1, 2, 3]) checkpoint(table, number, NOW_MS);
    expect(table.segments).toHaveLength(3);
    checkpoint(table, 4, NOW_MS);
    expect(table.segments.map(({ id }) => id)).toEqual([2, 3, 4]);
    const again = new TraceTable(store);
    expect([1, 2, 3, 4].map((number) => spansOf(again, number, NOW_MS)))
      .toEqual([0, 1, 1, 1]);
  });
});

test("TraceTable keeps so many bytes of segments and of filters", async () => {
  await withTable("bytes", {}, (table, store) => {
    for (const number of [1, 2]) checkpoint(table, number, NOW_MS);
    const [first] = table.segments;
    const bytes = first?.bytes ?? 0;
    const filterBytes = first?.filter.bits.length ?? 0;
    expect(bytes).toBeGreaterThan(0);
    const two = new TraceTable(store, {
      segmentBytes: 3 * bytes,
      filterBytes: 3 * filterBytes,
    });
    checkpoint(two, 3, NOW_MS);
    expect(two.segments).toHaveLength(3);
    const bySize = new TraceTable(store, { segmentBytes: 3 * bytes - 1 });
    checkpoint(bySize, 4, NOW_MS);
    expect(bySize.segments).toHaveLength(2);
    const byFilter = new TraceTable(store, {
      filterBytes: 3 * filterBytes - 1,
    });
    checkpoint(byFilter, 5, NOW_MS);
    expect(byFilter.segments).toHaveLength(2);
  });
});

test("TraceTable forgets a segment after TRACE_MEMORY_MS", async () => {
  await withTable("age", {}, (table) => {
    checkpoint(table, 1, NOW_MS);
    checkpoint(table, 2, NOW_MS + TRACE_MEMORY_MS);
    expect(table.segments).toHaveLength(2);
    checkpoint(table, 3, NOW_MS + TRACE_MEMORY_MS + 1);
    expect(table.segments).toHaveLength(2);
  });
});

test("TraceTable lets a trace leave the memory after HOT_IDLE_MS, and finds it again", async () => {
  await withTable("idle", {}, (table) => {
    checkpoint(table, 1, NOW_MS);
    checkpoint(table, 2, NOW_MS + HOT_IDLE_MS - 1);
    expect(table.hotTraces).toBe(2);
    checkpoint(table, 3, NOW_MS + HOT_IDLE_MS);
    expect(table.hotTraces).toBe(2);
    expect(table.hotSpans).toBe(2);
    expect(spansOf(table, 1, NOW_MS)).toBe(1);
    expect(table.hotSpans).toBe(3);
  });
});

test("TraceTable lets all traces leave at once where they are too many", async () => {
  await withTable("crowded", {}, (table) => {
    table.trace(traceId(1), NOW_MS);
    table.changed(traceId(1), MAX_HOT_SPANS / 2);
    table.checkpoint(NOW_MS);
    expect(table.hotTraces).toBe(1);
    table.changed(traceId(1), 1);
    table.checkpoint(NOW_MS);
    expect(table.hotTraces).toBe(0);
  });
});

test("TraceTable keeps a trace in memory while a half of it waits", async () => {
  await withTable("waits", {}, (table) => {
    table.trace(traceId(1), NOW_MS);
    table.waits(traceId(1), 1);
    table.checkpoint(NOW_MS + 10 * HOT_IDLE_MS);
    expect(table.hotTraces).toBe(1);
    table.waits(traceId(1), -1);
    table.checkpoint(NOW_MS + 10 * HOT_IDLE_MS);
    expect(table.hotTraces).toBe(0);
  });
});

test("TraceTable.bring() finds each trace as its newest segment tells it, over many chunks", async () => {
  await withTable("bring", {}, (table, store) => {
    // Some thousand traces are several chunks; every third comes again.
    for (let number = 0; number < 9000; number++) {
      table.trace(traceId(number), NOW_MS).seen.add(`span ${number}`);
      table.changed(traceId(number), 1);
    }
    table.checkpoint(NOW_MS);
    for (let number = 0; number < 9000; number += 3) {
      table.trace(traceId(number), NOW_MS).seen.add("again");
      table.changed(traceId(number), 1);
    }
    table.checkpoint(NOW_MS + HOT_IDLE_MS);
    const anew = new TraceTable(store);
    expect(anew.hotTraces).toBe(0);
    const asked = Array.from({ length: 900 }, (_, at) => 9990 - at * 11);
    anew.bring(asked.map(traceId), NOW_MS);
    expect(anew.hotTraces).toBe(900);
    for (const number of asked) {
      const known = number < 9000;
      const again = known && number % 3 === 0;
      expect([...anew.trace(traceId(number), NOW_MS).seen])
        .toEqual([
          ...known ? [`span ${number}`] : [],
          ...again ? ["again"] : [],
        ]);
    }
  });
});

test("TraceTable keeps MAX_SEGMENTS segments, and forgets the oldest of one more", async () => {
  await withTable("most segments", {}, (table) => {
    for (let at = 0; at < MAX_SEGMENTS; at++) checkpoint(table, at, NOW_MS);
    expect(table.segments[0]?.id).toBe(1);
    expect(table.segments).toHaveLength(MAX_SEGMENTS);
    checkpoint(table, MAX_SEGMENTS, NOW_MS);
    expect(table.segments[0]?.id).toBe(2);
    expect(table.segments).toHaveLength(MAX_SEGMENTS);
  });
});

test.each([0, 1])(
  "TraceTable keeps MAX_SEGMENT_BYTES and MAX_FILTER_BYTES, and %d bytes beyond",
  async (beyond) => {
    let own = { bytes: 0, filterBytes: 0 };
    await withTable(`own ${beyond}`, {}, (table) => {
      checkpoint(table, 1, NOW_MS);
      const [head] = table.segments;
      own = {
        bytes: head?.bytes ?? 0,
        filterBytes: head?.filter.bits.length ?? 0,
      };
    });
    const heads = [
      [[MAX_SEGMENT_BYTES - own.bytes + beyond, 64]],
      parts(MAX_FILTER_BYTES - own.filterBytes + beyond)
        .map((filterBytes) => [1, filterBytes]),
    ] as const;
    for (const [sort, sizes] of heads.entries()) {
      await withTable(`most bytes ${sort} ${beyond}`, {}, (_, store) => {
        sizes.forEach(([bytes = 0, filterBytes = 0], at) => {
          const filter = new BloomFilter(new Uint8Array(filterBytes));
          const head = { id: at + 1, createdMs: NOW_MS, bytes, filter };
          store.insertSegment(head, []);
        });
        const table = new TraceTable(store);
        checkpoint(table, 1, NOW_MS);
        expect(table.segments.length).toBe(sizes.length + 1 - beyond);
      });
    }
  },
);

/** So many bytes, in parts of which each fits a row. */
function parts(bytes: number): readonly number[] {
  const count = Math.ceil(bytes / MAX_PART_BYTES);
  const last = bytes - (count - 1) * MAX_PART_BYTES;
  return [...new Array<number>(count - 1).fill(MAX_PART_BYTES), last];
}
