import { expect, test } from "vitest";
import { storageFaults } from "../../src/query/health.ts";

function answers(): Promise<unknown> {
  return Promise.resolve(1);
}

function fails(): Promise<unknown> {
  return Promise.reject(new Error("D1_ERROR: gone"));
}

function throws(): Promise<unknown> {
  throw new TypeError("no binding");
}

function hangs(): Promise<unknown> {
  return new Promise(() => {});
}

test("storageFaults() is empty where every part answers", async () => {
  expect(await storageFaults({ database: answers, directory: answers }))
    .toEqual([]);
});

test("storageFaults() names each part that fails or does not answer in time", async () => {
  const faults = await storageFaults({
    database: fails,
    directory: answers,
    trace_shard: hangs,
    other: throws,
  }, { timeoutMs: 5 });
  expect(faults.map(({ part, error }) => [part, String(error)])).toEqual([
    ["database", "Error: D1_ERROR: gone"],
    ["trace_shard", "Error: No answer within 5 ms"],
    ["other", "TypeError: no binding"],
  ]);
});
