const NS_PER_MS = 1_000_000n;
/** The last time that a `DateTime64(9)` holds, ns since the epoch: in 2262. */
export const MAX_TIMESTAMP_NS = 2n ** 63n - 1n;

/** A time as the column holds it: later ones are its last. */
export function storedTimeNs(ns: bigint): bigint {
  return ns < MAX_TIMESTAMP_NS ? ns : MAX_TIMESTAMP_NS;
}

/**
 * A time as text for a `DateTime64(9)`, in UTC.
 *
 * @param ns Since the epoch, not negative; what the column cannot hold becomes
 *   `MAX_TIMESTAMP_NS`.
 *
 * @example
 * ```ts
 * import { timestampText } from "../src/clickhouse/timestamp.ts";
 *
 * expect(timestampText(1_767_323_045_000_000_001n))
 *   .toBe("2026-01-02 03:04:05.000000001");
 * ```
 */
export function timestampText(ns: bigint): string {
  const held = storedTimeNs(ns);
  const [date, time = ""] = new Date(Number(held / NS_PER_MS)).toISOString()
    .slice(0, -1).split("T");
  return `${date} ${time}${String(held % NS_PER_MS).padStart(6, "0")}`;
}
