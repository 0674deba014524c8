import { expect, test } from "vitest";
import { LiveMemory } from "./live_memory.ts";

const FULL =
  "[7:0xa1]  292 ms: Mark-Compact (reduce) 9.5 (12.0) -> 2.5 (4.0) MB, pooled: 0.0 MB, 1.6 / 0.0 ms testing; GC in old space requested\n";
const YOUNG =
  "[7:0xa1]  301 ms: Scavenge (during sweeping) 8.0 (9.0) -> 7.0 (9.0) MB, pooled: 0.0 MB, 4.5 / 0.0 ms allocation failure; \n";

function outside(isolate: string, reportedKib: number, storedKib: number) {
  return `[7:${isolate}] External memory reported:      ${reportedKib} KB\n` +
    `[7:${isolate}] Backing store memory:          ${storedKib} KB\n`;
}

test("LiveMemory adds to what a full collection leaves the larger of what is outside", () => {
  const memory = new LiveMemory();
  memory.read(`${FULL}${outside("0xa1", 100, 512)}`);
  expect(memory.peakBytes).toBe(3 * 1024 * 1024);
  memory.read(`${FULL}${outside("0xa1", 1536, 512)}`);
  expect(memory.peakBytes).toBe(4 * 1024 * 1024);
  memory.read(`${FULL}${outside("0xa1", 0, 0)}`);
  expect([memory.peakBytes, memory.collections]).toEqual([4 * 1024 * 1024, 3]);
});

test("LiveMemory takes its lines in pieces", () => {
  const memory = new LiveMemory();
  for (const character of `${FULL}${outside("0xa1", 0, 512)}`) {
    memory.read(character);
  }
  expect(memory.peakBytes).toBe(3 * 1024 * 1024);
});

test("LiveMemory counts neither a collection of the young nor another isolate", () => {
  const memory = new LiveMemory();
  memory.read(`${YOUNG}${outside("0xa1", 0, 9000)}`);
  expect([memory.peakBytes, memory.collections]).toEqual([0, 0]);
  memory.read(`${FULL}${outside("0xb2", 0, 9000)}${outside("0xa1", 0, 512)}`);
  memory.read(`${YOUNG}${outside("0xa1", 0, 9000)}`);
  expect(memory.peakBytes).toBe(3 * 1024 * 1024);
});
