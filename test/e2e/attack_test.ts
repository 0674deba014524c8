import { expect, test } from "vitest";
import { MAX_SERVICES_PER_TENANT } from "../../src/directory/admit_ids.ts";
import {
  attack,
  MAX_ATTACKED_MEMORY_BYTES,
  MAX_DISK_BYTES,
  MAX_ROWS_PER_SERVICE,
  MAX_SERVICE_OBJECTS,
} from "../attack/attack_trial.ts";

/** Some more than there can be; `npm run test:attack` sends 50,000. */
const NAMES = MAX_SERVICES_PER_TENANT + 200;

test("POST /v1/traces of more service and span names than there can be: objects, rows, disk and memory stay within limits, and honest traffic is exact", async () => {
  const { problems, ...left } = await attack(NAMES, 50_000);
  expect(problems).toEqual([]);
  expect(left.serviceObjects).toBe(MAX_SERVICE_OBJECTS);
  expect(left.mostRows).toBeLessThanOrEqual(MAX_ROWS_PER_SERVICE);
  expect(left.diskBytes).toBeLessThan(MAX_DISK_BYTES);
  expect(left.memoryBytes ?? 0).toBeLessThan(MAX_ATTACKED_MEMORY_BYTES);
});
