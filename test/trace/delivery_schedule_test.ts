import { expect, test } from "vitest";
import {
  DeliverySchedule,
  FIRST_RETRY_MS,
  MAX_RETRY_MS,
} from "../../src/trace/delivery_schedule.ts";

test("DeliverySchedule waits twice as long after each failure, up to MAX_RETRY_MS", () => {
  const schedule = new DeliverySchedule();
  let expectedMs = FIRST_RETRY_MS;
  for (let failure = 0; failure < 12; failure++) {
    schedule.failed("cart", 0);
    expect(schedule.due(["cart"], expectedMs - 1)).toEqual([]);
    expect(schedule.due(["cart"], expectedMs)).toEqual(["cart"]);
    expectedMs = Math.min(2 * expectedMs, MAX_RETRY_MS);
  }
  expect(expectedMs).toBe(MAX_RETRY_MS);
});
