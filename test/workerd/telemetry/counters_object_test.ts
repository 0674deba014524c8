import { abortAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import type { Bindings } from "../../../src/bindings.ts";
import { countersName } from "../../../src/object_names.ts";
import { type Count, CounterBook } from "../../../src/telemetry/counters.ts";
import {
  flushCounters,
  MAX_TENANTS_PER_FLUSH,
} from "../../../src/telemetry/flush_counters.ts";
import { readCounters } from "../../../src/telemetry/read_counters.ts";

const OK: Count = { counter: "requests", reason: "200", amount: 1 };
const SPANS: Count = { counter: "accepted_spans", reason: "", amount: 10 };

/** A deployment whose configuration lacks the objects. */
const REFUSING = {} as Bindings;

afterEach(() => {
  vi.restoreAllMocks();
});

test("Counters adds up what came at once, and keeps it when it ends", async () => {
  const stub = env.COUNTERS.getByName(countersName("at once"));
  const messages = Array.from({ length: 100 }, () => stub.add([OK, SPANS]));
  await Promise.all(messages);
  const expected = [{ ...OK, amount: 100 }, { ...SPANS, amount: 1000 }];
  expect(await readCounters(env, "at once")).toEqual(expected);
  await evictDurableObject(stub);
  expect(await readCounters(env, "at once")).toEqual(expected);
  await abortAllDurableObjects();
  await env.COUNTERS.getByName(countersName("at once")).add([OK]);
  await abortAllDurableObjects();
  expect(await readCounters(env, "at once"))
    .toEqual([{ ...OK, amount: 101 }, { ...SPANS, amount: 1000 }]);
});

test("Counters of one tenant are not those of another, nor of none", async () => {
  const book = new CounterBook();
  book.add("one", OK);
  book.add("two", SPANS);
  book.add("", { ...OK, reason: "401" });
  await flushCounters(book, env);
  expect(await readCounters(env, "one")).toEqual([OK]);
  expect(await readCounters(env, "two")).toEqual([SPANS]);
  expect(await readCounters(env, "")).toEqual([{ ...OK, reason: "401" }]);
  expect(book.drain().size).toBe(0);
});

test("flushCounters() keeps what was not taken, and sends it with the next", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const book = new CounterBook();
  book.add("late", OK);
  book.add("later", OK);
  await flushCounters(book, REFUSING);
  expect(logged).toHaveBeenCalledTimes(1);
  expect(JSON.parse(String(logged.mock.calls[0]))).toMatchObject({
    event: "counts_not_flushed",
    tenants: 2,
  });
  book.add("late", OK);
  await flushCounters(book, env);
  expect(await readCounters(env, "late")).toEqual([{ ...OK, amount: 2 }]);
  expect(await readCounters(env, "later")).toEqual([OK]);
});

test("flushCounters() sends MAX_TENANTS_PER_FLUSH, and the rest with the next", async () => {
  const book = new CounterBook();
  const tenants = Array.from(
    { length: MAX_TENANTS_PER_FLUSH + 1 },
    (_, at) => `many ${at}`,
  );
  for (const tenant of tenants) book.add(tenant, OK);
  await flushCounters(book, env);
  expect(await readCounters(env, `many ${MAX_TENANTS_PER_FLUSH - 1}`))
    .toEqual([OK]);
  expect(await readCounters(env, `many ${MAX_TENANTS_PER_FLUSH}`)).toEqual([]);
  await flushCounters(book, env);
  for (const tenant of tenants) {
    expect(await readCounters(env, tenant)).toEqual([OK]);
  }
});

test("readCounters() answers null where the object does not answer", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  expect(await readCounters(REFUSING, "x")).toBe(null);
  expect(String(logged.mock.calls[0])).toContain("counters_do_not_answer");
});
