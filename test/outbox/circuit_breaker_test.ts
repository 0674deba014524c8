import { expect, test } from "vitest";
import {
  CircuitBreaker,
  MAX_COOL_DOWN_MS,
  MAX_OPEN_CIRCUITS,
} from "../../src/outbox/circuit_breaker.ts";

function failedAt(
  nowMs: number,
  random = 0,
  retryAfterMs: number | null = null,
) {
  return { nowMs, random, retryAfterMs };
}

test("CircuitBreaker leaves a target alone for twice as long each time, up to a limit", () => {
  const breaker = new CircuitBreaker();
  let nowMs = 0;
  const waits: number[] = [];
  for (let failure = 0; failure < 8; failure++) {
    breaker.failed("a", failedAt(nowMs, 1));
    const sinceMs = nowMs;
    while (!breaker.mayTry("a", nowMs)) nowMs += 500;
    waits.push(nowMs - sinceMs);
  }
  expect(waits).toEqual([
    1000,
    2000,
    4000,
    8000,
    16_000,
    30_000,
    30_000,
    30_000,
  ]);
});

test("CircuitBreaker honors Retry-After, and tells targets apart", () => {
  const breaker = new CircuitBreaker();
  breaker.failed("a", failedAt(0, 0, 45_000));
  expect(breaker.mayTry("a", 44_999)).toBe(false);
  expect(breaker.mayTry("b", 0)).toBe(true);
  expect(breaker.mayTry("a", 45_000)).toBe(true);
});

test("CircuitBreaker lets one request try, and another where that one is never heard of", () => {
  const breaker = new CircuitBreaker();
  breaker.failed("a", failedAt(0));
  expect(breaker.mayTry("a", 500)).toBe(true);
  expect(breaker.mayTry("a", 500 + MAX_COOL_DOWN_MS - 1)).toBe(false);
  expect(breaker.mayTry("a", 500 + MAX_COOL_DOWN_MS)).toBe(true);
  breaker.succeeded("a");
  expect(breaker.size).toBe(0);
});

test("CircuitBreaker remembers MAX_OPEN_CIRCUITS, and forgets the oldest first", () => {
  const breaker = new CircuitBreaker();
  for (let at = 0; at < MAX_OPEN_CIRCUITS; at++) {
    breaker.failed(String(at), failedAt(0));
  }
  expect(breaker.size).toBe(MAX_OPEN_CIRCUITS);
  expect(breaker.mayTry("0", 1)).toBe(false);
  breaker.failed("one more", failedAt(0));
  expect(breaker.size).toBe(MAX_OPEN_CIRCUITS);
  expect(breaker.mayTry("0", 1)).toBe(true);
  expect(breaker.mayTry("1", 1)).toBe(false);
});
