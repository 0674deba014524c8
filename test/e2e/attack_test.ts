import { expect, test } from "vitest";
import { attackProblems } from "../attack/attack_limits.ts";
import { attack } from "../attack/attack_trial.ts";

/** A few rounds; `npm run test:attack` sends 50,000. */
const NAMES = 1000;

test("POST /v1/traces of names without end by the key of a page: objects, rows, disk and memory stay within limits, honest traffic and another tenant's are exact", async () => {
  const report = await attack(NAMES, 50_000);
  expect(report.problems).toEqual([]);
  expect(attackProblems(report)).toEqual([]);
});
