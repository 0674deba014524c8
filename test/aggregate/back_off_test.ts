import { expect, test } from "vitest";
import {
  backOffMs,
  FIRST_BACK_OFF_MS,
  MAX_BACK_OFF_MS,
} from "../../src/aggregate/back_off.ts";

test("backOffMs() doubles up to its limit", () => {
  expect([1, 2, 3].map(backOffMs)).toEqual([
    FIRST_BACK_OFF_MS,
    2 * FIRST_BACK_OFF_MS,
    4 * FIRST_BACK_OFF_MS,
  ]);
  expect(backOffMs(6)).toBe(160_000);
  expect(backOffMs(7)).toBe(MAX_BACK_OFF_MS);
  expect(backOffMs(5000)).toBe(MAX_BACK_OFF_MS);
});
