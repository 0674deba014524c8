import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addCounts,
  type CounterTotals,
  listCounts,
  MAX_COUNTERS,
  OTHER_REASON,
} from "../../src/telemetry/counter_totals.ts";
import type { Count } from "../../src/telemetry/counters.ts";

const NONE: CounterTotals = new Map();

function statuses(from: number, count: number): Count[] {
  return Array.from({ length: count }, (_, at) => ({
    counter: "requests" as const,
    reason: String(from + at),
    amount: 1,
  }));
}

test("addCounts() adds up whatever the parts, and listCounts() has one order", () => {
  const count = fc.record({
    counter: fc.constantFrom("requests" as const, "rejected_spans" as const),
    reason: fc.constantFrom("200", "503", "malformed"),
    amount: fc.nat(1000),
  });
  fc.assert(fc.property(fc.array(fc.array(count)), (parts) => {
    const totals = parts.reduce<CounterTotals>(
      (sum, part) => addCounts(sum, part),
      NONE,
    );
    const ids = new Set(
      parts.flat().map((one) => `${one.counter} ${one.reason}`),
    );
    const listed = listCounts(totals);
    expect(listed.map((one) => `${one.counter} ${one.reason}`)).toEqual(
      // "requests" stands before "rejected_spans" in COUNTERS.
      [...ids].filter((id) => id.startsWith("req")).sort()
        .concat([...ids].filter((id) => id.startsWith("rej")).sort()),
    );
    for (const { counter, reason, amount } of listed) {
      const expected = parts.flat()
        .filter((one) => one.counter === counter && one.reason === reason)
        .reduce((sum, one) => sum + one.amount, 0);
      expect(amount).toBe(expected);
    }
  }));
});

test("addCounts() counts beyond MAX_COUNTERS by no reason of their own", () => {
  const full = addCounts(NONE, statuses(1, MAX_COUNTERS));
  expect(full.size).toBe(MAX_COUNTERS);
  expect(listCounts(full).some(({ reason }) => reason === OTHER_REASON))
    .toBe(false);
  const beyond = addCounts(full, statuses(MAX_COUNTERS, 3));
  expect(beyond.size).toBe(MAX_COUNTERS + 1);
  const amounts = new Map(
    listCounts(beyond).map(({ reason, amount }) => [reason, amount]),
  );
  expect(amounts.get(String(MAX_COUNTERS))).toBe(2);
  expect(amounts.get(OTHER_REASON)).toBe(2);
});

test("listCounts() keeps to itself what other code has counted", () => {
  const foreign = [{ counter: "gone" as "requests", reason: "", amount: 1 }];
  const totals = addCounts(NONE, foreign);
  expect(totals.size).toBe(1);
  expect(listCounts(totals)).toEqual([]);
});
