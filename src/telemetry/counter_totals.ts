import { type Count, type CounterName, COUNTERS } from "./counters.ts";

/** Counters, told apart by reason, that one object keeps. */
export const MAX_COUNTERS = 500;
/** Reason of what is counted beyond MAX_COUNTERS. */
export const OTHER_REASON = "other";

/** What was counted since ever, by counter and reason. */
export type CounterTotals = ReadonlyMap<string, Count>;

/**
 * Adds counts to the totals. Beyond MAX_COUNTERS a new reason counts as
 * OTHER_REASON, so that there are never more than one for each counter above.
 *
 * @example Two isolates counted
 * ```ts
 * import { addCounts, listCounts } from "../src/telemetry/counter_totals.ts";
 *
 * const counted = { counter: "requests", reason: "200", amount: 2 } as const;
 * const totals = addCounts(addCounts(new Map(), [counted]), [counted]);
 * expect(listCounts(totals)).toEqual([{ ...counted, amount: 4 }]);
 * ```
 */
export function addCounts(
  totals: CounterTotals,
  counts: Iterable<Count>,
): CounterTotals {
  const sums = new Map(totals);
  for (const { counter, reason, amount } of counts) {
    const known = sums.has(idOf(counter, reason)) || sums.size < MAX_COUNTERS;
    const kept = known ? reason : OTHER_REASON;
    const id = idOf(counter, kept);
    const before = sums.get(id)?.amount ?? 0;
    sums.set(id, { counter, reason: kept, amount: before + amount });
  }
  return sums;
}

/** All totals of the counters that this code knows, always in one order. */
export function listCounts(totals: CounterTotals): readonly Count[] {
  const sorted = [...totals.values()]
    .sort((a, b) => a.reason < b.reason ? -1 : 1);
  const names = Object.keys(COUNTERS) as CounterName[];
  return names.flatMap((name) =>
    sorted.filter(({ counter }) => counter === name)
  );
}

function idOf(counter: string, reason: string): string {
  return `${counter} ${reason}`;
}
