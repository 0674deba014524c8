import { expect, test } from "vitest";
import {
  FIRST_WAIT_MS,
  MAX_MISCONFIGURED_WAIT_MS,
  MAX_WAIT_MS,
  retryWaitMs,
} from "../../src/outbox/retry_wait.ts";

test("retryWaitMs() grows to its limit, and stays between half and all of it", () => {
  const kinds = [["away", 60_000], ["misconfigured", 300_000]] as const;
  for (const [kind, most] of kinds) {
    for (let failures = 1; failures < 2000; failures++) {
      const whole = Math.min(1000 * 2 ** (failures - 1), most);
      const failure = { kind, retryAfterMs: null };
      expect(retryWaitMs(failure, { failures, random: 0 })).toBe(whole / 2);
      expect(retryWaitMs(failure, { failures, random: 1 })).toBe(whole);
    }
  }
});

test.each(
  [
    ["away", MAX_WAIT_MS],
    ["misconfigured", MAX_MISCONFIGURED_WAIT_MS],
  ] as const,
)(
  "retryWaitMs() of %s doubles for as long as it stays below %d ms",
  (kind, most) => {
    const failure = { kind, retryAfterMs: null };
    const last = Math.floor(Math.log2(most / FIRST_WAIT_MS)) + 1;
    const waitMs = (failures: number) =>
      retryWaitMs(failure, { failures, random: 1 });
    expect(waitMs(last)).toBe(FIRST_WAIT_MS * 2 ** (last - 1));
    expect(waitMs(last)).toBeLessThan(most);
    expect(waitMs(last + 1)).toBe(most);
  },
);

test("retryWaitMs() is never shorter than what the target asks for", () => {
  for (const random of [0, 0.3, 0.999]) {
    const failure = { kind: "away", retryAfterMs: 600_000 } as const;
    const waitMs = retryWaitMs(failure, { failures: 1, random });
    expect(waitMs).toBeGreaterThanOrEqual(600_000);
    expect(waitMs).toBeLessThanOrEqual(660_000);
  }
});
