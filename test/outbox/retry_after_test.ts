import { expect, test } from "vitest";
import {
  MAX_RETRY_AFTER_MS,
  retryAfterMs,
} from "../../src/outbox/retry_after.ts";

const NOW_MS = Date.parse("2026-11-23T12:00:00Z");

test.each([
  ["0", 0],
  [" 7 ", 7000],
  ["600", MAX_RETRY_AFTER_MS],
  ["601", MAX_RETRY_AFTER_MS],
  ["9".repeat(400), MAX_RETRY_AFTER_MS],
  ["Mon, 23 Nov 2026 12:00:30 GMT", 30_000],
  ["Monday, 23-Nov-26 12:00:30 GMT", 30_000],
  ["Mon, 23 Nov 2026 11:00:00 GMT", 0],
  ["Mon, 23 Nov 2026 15:00:00 GMT", MAX_RETRY_AFTER_MS],
  [null, null],
  ["", null],
  ["-1", null],
  ["1.5", null],
  ["soon", null],
  ["2026-11-23", null],
])("retryAfterMs(%j) is %j", (header, ms) => {
  expect(retryAfterMs(header, NOW_MS)).toBe(ms);
});
