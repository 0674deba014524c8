import { afterEach, expect, test, vi } from "vitest";
import {
  drain,
  MAX_DRAIN_MS,
  MAX_DRAINED_BYTES,
} from "../../../src/ingest/drain.ts";

const CHUNK_BYTES = 64 * 1024;

afterEach(() => {
  vi.useRealTimers();
});

/** A body of `chunks` chunks, and how many of its bytes were asked for. */
function body(chunks: number) {
  const counted = { bytes: 0, stream: null as ReadableStream | null };
  let left = chunks;
  counted.stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (left-- <= 0) return controller.close();
      counted.bytes += CHUNK_BYTES;
      controller.enqueue(new Uint8Array(CHUNK_BYTES));
    },
  });
  return counted;
}

test("drain() reads what is left to its end", async () => {
  const { stream } = body(3);
  await drain(stream);
  expect(await stream?.getReader().read()).toMatchObject({ done: true });
});

test("drain() stops at MAX_DRAINED_BYTES", async () => {
  const endless = body(Infinity);
  await drain(endless.stream);
  expect(endless.bytes).toBeGreaterThanOrEqual(MAX_DRAINED_BYTES);
  expect(endless.bytes).toBeLessThanOrEqual(MAX_DRAINED_BYTES + CHUNK_BYTES);
});

test("drain() leaves alone what somebody reads, and takes no body", async () => {
  const read = body(3);
  read.stream?.getReader();
  await drain(read.stream);
  expect(read.bytes).toBeLessThanOrEqual(CHUNK_BYTES);
  await drain(null);
});

test("drain() settles where the body breaks off", async () => {
  const broken = new ReadableStream({
    type: "bytes",
    pull(controller) {
      controller.error(new Error("connection lost"));
    },
  });
  await drain(broken);
  expect(broken.locked).toBe(false);
});

/** A body that has begun and never goes on. */
function stalled(): ReadableStream<Uint8Array> {
  let begun = false;
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (begun) return new Promise(() => undefined);
      begun = true;
      controller.enqueue(new Uint8Array(7));
      return undefined;
    },
  });
}

test("drain() gives up a body that does not come, and says how much did", async () => {
  expect(await drain(stalled(), { withinMs: 10 })).toBe(7);
  const { stream } = body(3);
  expect(await drain(stream)).toBe(3 * CHUNK_BYTES);
});

test("drain() waits for MAX_DRAIN_MS, and not one more", async () => {
  vi.useFakeTimers();
  let settled = false;
  const draining = drain(stalled()).finally(() => settled = true);
  await vi.advanceTimersByTimeAsync(MAX_DRAIN_MS - 1);
  expect(settled).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await draining).toBe(7);
});
