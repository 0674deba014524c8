import { afterEach, expect, test, vi } from "vitest";
import {
  FaultTolerantCache,
  MAX_READ_MS,
  MAX_STALE_MS,
  REREAD_AFTER_MS,
} from "../../src/access/fault_tolerant_cache.ts";

const FRESH_MS = 100;

afterEach(() => {
  vi.useRealTimers();
});

/** A cache over a table whose readings are counted, and can fail. */
function trial(most = 3) {
  const cache = new FaultTolerantCache<string | null>({
    freshMs: FRESH_MS,
    most,
    mostAbsent: most,
    isAbsent: (value) => value === null,
  });
  const table = new Map([["a", "A"]]);
  const state = { readings: 0, fails: false };
  function get(nowMs: number, name = "a") {
    return cache.get(name, {
      nowMs,
      read: () => {
        state.readings += 1;
        return state.fails
          ? Promise.reject(new Error("D1_ERROR: away"))
          : Promise.resolve(table.get(name) ?? null);
      },
    });
  }
  return { cache, table, state, get };
}

test("FaultTolerantCache reads again when freshMs have passed, not before", async () => {
  const { table, state, get } = trial();
  await get(0);
  table.set("a", "B");
  expect(await get(FRESH_MS - 1)).toEqual({ ok: true, value: "A" });
  expect(state.readings).toBe(1);
  expect(await get(FRESH_MS)).toEqual({ ok: true, value: "B" });
  expect(state.readings).toBe(2);
});

test("FaultTolerantCache remembers what is absent, as long", async () => {
  const { table, state, get } = trial();
  for (let ms = 0; ms < FRESH_MS; ms++) {
    expect(await get(ms, "none")).toEqual({ ok: true, value: null });
  }
  expect(state.readings).toBe(1);
  table.set("none", "now");
  expect(await get(FRESH_MS, "none")).toEqual({ ok: true, value: "now" });
});

test("FaultTolerantCache serves an old value through a fault, to MAX_STALE_MS", async () => {
  const { state, get } = trial();
  await get(0);
  state.fails = true;
  expect(await get(FRESH_MS)).toEqual({ ok: true, value: "A" });
  expect(await get(MAX_STALE_MS)).toEqual({ ok: true, value: "A" });
  expect(await get(MAX_STALE_MS + REREAD_AFTER_MS)).toMatchObject({
    ok: false,
  });
});

test("FaultTolerantCache does not ask a failing source each time", async () => {
  const { state, get } = trial();
  await get(0);
  state.fails = true;
  await get(FRESH_MS);
  await get(FRESH_MS + REREAD_AFTER_MS - 1);
  expect(state.readings).toBe(2);
  await get(FRESH_MS + REREAD_AFTER_MS);
  expect(state.readings).toBe(3);
});

test("FaultTolerantCache tells a fault where it knows nothing, or of nothing", async () => {
  const { state, get } = trial();
  await get(0, "none");
  state.fails = true;
  expect(await get(FRESH_MS, "none")).toMatchObject({ ok: false });
  expect(await get(0, "never read")).toMatchObject({ ok: false });
  state.fails = false;
  expect(await get(1, "never read")).toEqual({ ok: true, value: null });
});

test("FaultTolerantCache takes a reading that hangs as a fault", async () => {
  vi.useFakeTimers();
  const { cache } = trial();
  const got = cache.get("a", { nowMs: 0, read: () => new Promise(() => {}) });
  await vi.advanceTimersByTimeAsync(MAX_READ_MS);
  expect(await got).toMatchObject({ ok: false });
});

test("FaultTolerantCache is bounded, and guessing pushes nothing out", async () => {
  const { cache, state, get } = trial(3);
  await get(0);
  for (let guess = 0; guess < 10; guess++) await get(0, `guess ${guess}`);
  expect(cache.size).toBe(1 + 3);
  await get(0);
  expect(state.readings).toBe(11);
});

test("FaultTolerantCache keeps n values and not n + 1", async () => {
  const { cache, table, state, get } = trial(3);
  for (const name of ["b", "c", "d"]) table.set(name, name);
  for (const name of ["a", "b", "c"]) await get(0, name);
  expect(cache.size).toBe(3);
  await get(0, "d");
  expect(cache.size).toBe(3);
  expect(state.readings).toBe(4);
  await get(0, "a");
  expect(state.readings).toBe(5);
});

test("FaultTolerantCache.forget() makes the next one read", async () => {
  const { cache, table, get } = trial();
  await get(0);
  table.delete("a");
  cache.forget("a");
  expect(await get(1)).toEqual({ ok: true, value: null });
});
