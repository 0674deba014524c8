import * as fc from "fast-check";
import { expect, test } from "vitest";
import { byteString } from "../../src/codec/byte_string.ts";
import {
  newerLayout,
  type OwnershipView,
  rememberedEpochs,
  routeOf,
  SHARD_MEMORY_MS,
  shardOf,
} from "../../src/trace/ownership.ts";

const VIEW: OwnershipView = {
  shard: 0,
  layout: [],
  nowMs: 3000,
  askedVersion: null,
  knows: () => false,
};
const KNOWN = { knows: () => true };

/** An id that belongs to shard `number` wherever there are more than that. */
function idOf(number: number): string {
  return "\u0000".repeat(15) + String.fromCharCode(number);
}

test("shardOf() is the last four bytes as a number, modulo the shards", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.integer({ min: 1, max: 64 }),
    (bytes, shards) => {
      const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12);
      expect(shardOf(byteString(bytes, 0, 16), shards)).toBe(word % shards);
    },
  ));
});

test("shardOf() spreads random ids evenly", () => {
  const random = crypto.getRandomValues(new Uint8Array(16 * 4000));
  const counts = [0, 0, 0, 0, 0];
  for (let at = 0; at < random.length; at += 16) {
    const shard = shardOf(byteString(random, at, 16), counts.length);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 800)).toBeLessThan(200);
});

test("routeOf() takes everything without a layout and with a single epoch", () => {
  const layout = [{ shards: 4, sinceMs: 1000 }];
  expect(routeOf(idOf(3), VIEW)).toEqual({ do: "take" });
  expect(routeOf(idOf(3), { ...VIEW, shard: 3, layout }))
    .toEqual({ do: "take" });
});

test("routeOf() asks each other shard once that owned the trace in an earlier epoch", () => {
  const shards = [1, 2, 1, 3, 4];
  const layout = shards.map((count, at) => ({ shards: count, sinceMs: at }));
  const view = { ...VIEW, shard: 3, layout };
  // 3 % 1 = 0, 3 % 2 = 1, 3 % 3 = 0
  expect(routeOf(idOf(3), view)).toEqual({ do: "ask", owners: [0, 1] });
  expect(routeOf(idOf(3), { ...view, ...KNOWN })).toEqual({ do: "take" });
  // 12 % n = 0 in all epochs: it never moved.
  expect(routeOf(idOf(12), { ...view, shard: 0 })).toEqual({ do: "take" });
});

test("routeOf() believes what was asked under the same layout alone", () => {
  const layout = [{ shards: 1, sinceMs: 1000 }, { shards: 4, sinceMs: 2000 }];
  const view = { ...VIEW, shard: 3, layout };
  expect(routeOf(idOf(3), { ...view, askedVersion: 2000 }).do).toBe("take");
  expect(routeOf(idOf(3), { ...view, askedVersion: 1000 }).do).toBe("ask");
});

test("routeOf() passes on what a newer epoch gave to another, unless it is known", () => {
  const layout = [{ shards: 1, sinceMs: 1000 }, { shards: 4, sinceMs: 2000 }];
  const view = { ...VIEW, layout };
  const passed = { do: "pass", owner: 3 };
  expect(routeOf(idOf(3), view)).toEqual(passed);
  expect(routeOf(idOf(3), { ...view, askedVersion: 2000 })).toEqual(passed);
  expect(routeOf(idOf(3), { ...view, ...KNOWN })).toEqual({ do: "take" });
  const later = { ...view, nowMs: 2000 + SHARD_MEMORY_MS };
  expect(routeOf(idOf(3), later)).toEqual(passed);
});

test("routeOf() asks the shards of an epoch until they can have forgotten its traces", () => {
  const layout = [{ shards: 1, sinceMs: 1000 }, { shards: 4, sinceMs: 2000 }];
  const view = { ...VIEW, shard: 3, layout };
  const endMs = 2000 + SHARD_MEMORY_MS;
  expect(routeOf(idOf(3), { ...view, nowMs: endMs - 1 }).do).toBe("ask");
  expect(routeOf(idOf(3), { ...view, nowMs: endMs }).do).toBe("take");
});

test("rememberedEpochs() keeps the newest epoch however old it is", () => {
  const layout = [{ shards: 1, sinceMs: 1000 }, { shards: 4, sinceMs: 2000 }];
  const nowMs = 2000 + SHARD_MEMORY_MS;
  expect(rememberedEpochs(layout, nowMs - 1)).toEqual(layout);
  expect(rememberedEpochs(layout, nowMs)).toEqual(layout.slice(1));
  expect(rememberedEpochs(layout, 2 * nowMs)).toEqual(layout.slice(1));
});

test("newerLayout() is the one with the later epoch, whichever is asked about", () => {
  const old = [{ shards: 1, sinceMs: 1000 }];
  const both = [...old, { shards: 4, sinceMs: 2000 }];
  for (const pair of [[old, both], [both, old]] as const) {
    expect(newerLayout(...pair)).toBe(both);
  }
  expect(newerLayout([], old)).toBe(old);
  expect(newerLayout(old, [])).toBe(old);
  // The Directory dropped the first epoch: nobody knows its traces any more.
  expect(newerLayout(both, both.slice(1))).toEqual(both.slice(1));
  expect(newerLayout(both.slice(1), both)).toEqual(both.slice(1));
});
