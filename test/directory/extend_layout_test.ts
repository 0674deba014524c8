import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  CHANGE_BACK_MS,
  extendLayout,
  MAX_EPOCHS,
} from "../../src/directory/extend_layout.ts";
import {
  SHARD_MEMORY_MS,
  type ShardLayout,
} from "../../src/trace/ownership.ts";

const NOW_MS = 1_700_000_000_000;

function afterAll(counts: readonly number[], stepMs: number): ShardLayout {
  return counts.reduce<ShardLayout>(
    (layout, shards, at) =>
      extendLayout(layout, { shards, nowMs: NOW_MS + at * stepMs }),
    [],
  );
}

test("extendLayout() keeps the layout while the number stays", () => {
  const layout = afterAll([3], 1);
  const later = { shards: 3, nowMs: NOW_MS + 10 * SHARD_MEMORY_MS };
  expect(extendLayout(layout, later)).toBe(layout);
});

test("extendLayout() takes a number again that was replaced, but not before its time", () => {
  const layout = afterAll([1, 4], 1000);
  const replacedMs = NOW_MS + 1000;
  const shards = 1;
  const soon = replacedMs + CHANGE_BACK_MS - 1;
  expect(extendLayout(layout, { shards, nowMs: soon })).toBe(layout);
  const later = replacedMs + CHANGE_BACK_MS;
  expect(extendLayout(layout, { shards, nowMs: later }))
    .toEqual([...layout, { shards: 1, sinceMs: later }]);
});

test("extendLayout() makes no more epochs than may be, until the oldest is forgotten", () => {
  const counts = Array.from({ length: MAX_EPOCHS }, (_, at) => at + 1);
  const full = afterAll(counts, 1000);
  expect(full).toHaveLength(MAX_EPOCHS);
  const shards = MAX_EPOCHS + 1;
  const oldestEndsMs = NOW_MS + 1000 + SHARD_MEMORY_MS;
  expect(extendLayout(full, { shards, nowMs: oldestEndsMs - 1 })).toBe(full);
  expect(extendLayout(full, { shards, nowMs: oldestEndsMs }))
    .toEqual([...full.slice(1), { shards, sinceMs: oldestEndsMs }]);
});

test("extendLayout() forgets epochs that no shard can remember", () => {
  const layout = afterAll([1, 4], 1000);
  const nowMs = NOW_MS + 1000 + SHARD_MEMORY_MS;
  expect(extendLayout(layout, { shards: 4, nowMs })).toEqual(layout.slice(1));
});

test("extendLayout() begins epochs later and later, whatever the clock does", () => {
  fc.assert(fc.property(
    fc.array(fc.record({
      shards: fc.integer({ min: 1, max: 64 }),
      nowMs: fc.integer({ min: NOW_MS, max: NOW_MS + 3 * SHARD_MEMORY_MS }),
    })),
    (asked) => {
      let layout: ShardLayout = [];
      for (const { shards, nowMs } of asked) {
        const newest = layout.at(-1);
        layout = extendLayout(layout, { shards, nowMs });
        expect(layout.length).toBeLessThanOrEqual(MAX_EPOCHS);
        const last = layout.at(-1);
        if (newest !== undefined && last?.sinceMs !== newest.sinceMs) {
          expect(last?.sinceMs).toBeGreaterThan(newest.sinceMs);
          expect(last?.shards).not.toBe(newest.shards);
        }
      }
    },
  ));
});
