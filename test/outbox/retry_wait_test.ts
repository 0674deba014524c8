import { expect, test } from "vitest";
import {
  MAX_MISCONFIGURED_WAIT_MS,
  retryWaitMs,
} from "../../src/outbox/retry_wait.ts";

test("retryWaitMs() grows to its limit, and stays between half and all of it", () => {
  expect(MAX_MISCONFIGURED_WAIT_MS).toBe(300_000);
  const kinds = [["away", 60_000], [
    "misconfigured",
    MAX_MISCONFIGURED_WAIT_MS,
  ]] as const;
  for (const [kind, most] of kinds) {
    for (let failures = 1; failures < 2000; failures++) {
      const whole = Math.min(1000 * 2 ** (failures - 1), most);
      const failure = { kind, retryAfterMs: null };
      expect(retryWaitMs(failure, { failures, random: 0 })).toBe(whole / 2);
      expect(retryWaitMs(failure, { failures, random: 1 })).toBe(whole);
    }
  }
});

test("retryWaitMs() is never shorter than what the target asks for", () => {
  for (const random of [0, 0.3, 0.999]) {
    const failure = { kind: "away", retryAfterMs: 600_000 } as const;
    const waitMs = retryWaitMs(failure, { failures: 1, random });
    expect(waitMs).toBeGreaterThanOrEqual(600_000);
    expect(waitMs).toBeLessThanOrEqual(660_000);
  }
});
