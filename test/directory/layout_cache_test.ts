import { expect, test, vi } from "vitest";
import { extendLayout } from "../../src/directory/extend_layout.ts";
import {
  LAYOUT_FRESH_MS,
  LayoutCache,
  MAX_REMEMBERED_LAYOUTS,
} from "../../src/directory/layout_cache.ts";
import {
  MAX_LAYOUT_AGE_MS,
  type ShardLayout,
} from "../../src/trace/ownership.ts";

const NOW_MS = 1_700_000_000_000;
const ONE: ShardLayout = [{ shards: 1, sinceMs: NOW_MS }];
const THREE = extendLayout(ONE, { shards: 3, nowMs: NOW_MS + 1 });

function away(): Promise<never> {
  return Promise.reject(new Error("The Directory does not answer"));
}

function question(nowMs: number, tenant = "shop") {
  return { tenant, shards: 1, nowMs };
}

test("LayoutCache.layout() asks once a minute, and one request alone asks", async () => {
  const cache = new LayoutCache();
  let answer = ONE;
  const ask = vi.fn<() => Promise<ShardLayout>>(() => Promise.resolve(answer));
  await cache.layout(question(NOW_MS), ask);
  answer = THREE;
  const soon = question(NOW_MS + LAYOUT_FRESH_MS - 1);
  expect(await cache.layout(soon, ask)).toBe(ONE);
  expect(ask).toHaveBeenCalledTimes(1);
  const later = question(NOW_MS + LAYOUT_FRESH_MS);
  expect(
    await Promise.all([cache.layout(later, ask), cache.layout(later, ask)]),
  ).toEqual([THREE, ONE]);
  expect(await cache.layout(later, ask)).toBe(THREE);
  expect(ask).toHaveBeenCalledTimes(2);
});

test("LayoutCache.layout() asks at once for another number of shards, and for another tenant", async () => {
  const cache = new LayoutCache();
  await cache.layout(question(NOW_MS), () => Promise.resolve(ONE));
  const more = { ...question(NOW_MS), shards: 3 };
  expect(await cache.layout(more, () => Promise.resolve(THREE))).toBe(THREE);
  const other: ShardLayout = [{ shards: 2, sinceMs: NOW_MS }];
  const others = question(NOW_MS, "others");
  expect(await cache.layout(others, () => Promise.resolve(other))).toBe(other);
});

test("LayoutCache.layout() goes on by what it knows while nobody answers, for less than an hour", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const cache = new LayoutCache();
  await expect(cache.layout(question(NOW_MS), away)).rejects.toThrow("answer");
  await cache.layout(question(NOW_MS), () => Promise.resolve(ONE));
  const endMs = NOW_MS + MAX_LAYOUT_AGE_MS;
  expect(await cache.layout(question(endMs - 1), away)).toBe(ONE);
  expect(log).toHaveBeenCalledTimes(1);
  await expect(cache.layout(question(endMs), away)).rejects.toThrow("answer");
  log.mockRestore();
});

test("LayoutCache.layout() remembers so many tenants, and forgets them with one more", async () => {
  const cache = new LayoutCache();
  const ask = vi.fn<() => Promise<ShardLayout>>(() => Promise.resolve(ONE));
  for (let at = 0; at < MAX_REMEMBERED_LAYOUTS; at++) {
    await cache.layout(question(NOW_MS, `${at}`), ask);
  }
  await cache.layout(question(NOW_MS, "0"), ask);
  expect(ask).toHaveBeenCalledTimes(MAX_REMEMBERED_LAYOUTS);
  await cache.layout(question(NOW_MS, "one more"), ask);
  await cache.layout(question(NOW_MS, "0"), ask);
  expect(ask).toHaveBeenCalledTimes(MAX_REMEMBERED_LAYOUTS + 2);
});
