import { expect, test } from "vitest";
import {
  DeliverySchedule,
  FIRST_RETRY_MS,
  MAX_FIRST_DELIVERIES,
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

test("DeliverySchedule tells MAX_FIRST_DELIVERIES new services at a time, and any number that it has told before", () => {
  const schedule = new DeliverySchedule();
  const services = Array.from(
    { length: 2 * MAX_FIRST_DELIVERIES + 1 },
    (_, at) => `service ${at}`,
  );
  const told: number[] = [];
  for (let tick = 0; tick < 4; tick++) {
    const due = schedule.due(services, tick);
    told.push(due.length);
    for (const id of due) schedule.began(id);
    for (const id of due) schedule.succeeded(id);
  }
  expect(told).toEqual([
    MAX_FIRST_DELIVERIES,
    2 * MAX_FIRST_DELIVERIES,
    services.length,
    services.length,
  ]);
});
