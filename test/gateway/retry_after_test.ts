import { expect, test } from "vitest";
import { MAX_RETRY_S, retryAfterS } from "../../src/gateway/retry_after.ts";

test.each([
  [undefined, null],
  ["", null],
  ["-1", null],
  ["1.5", null],
  ["0", 0],
  [" 5 ", 5],
  [String(MAX_RETRY_S), MAX_RETRY_S],
  [String(MAX_RETRY_S + 1), MAX_RETRY_S],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["Thu, 01 Jan 1970 02:00:00 GMT", MAX_RETRY_S],
])("retryAfterS(%j) is %s", (header, seconds) => {
  expect(retryAfterS(header, 60_000)).toBe(seconds);
});
