import { wrongParameters } from "./asked.ts";
import { timeMs } from "./parse_time.ts";
import type { AskedRange } from "./time_range.ts";

/** From when to when a list is asked for; what is left out takes all. */
export interface AskedMoments {
  /** ms since the epoch. */
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
}

/**
 * The moments that `start` and `end` of a list name.
 *
 * @throws {HttpProblem} 400 where the end is not after the start.
 *
 * @example
 * ```ts
 * import { askedMoments } from "../src/query/asked_moments.ts";
 *
 * expect(askedMoments({ start: { kind: "ago", ms: 1000 } }, 5000))
 *   .toEqual({ startMs: 4000, endMs: undefined });
 * ```
 */
export function askedMoments(
  { start, end }: AskedRange,
  nowMs: number,
): AskedMoments {
  const startMs = start && timeMs(start, nowMs);
  const endMs = end && timeMs(end, nowMs);
  if (startMs !== undefined && endMs !== undefined && endMs <= startMs) {
    throw wrongParameters([
      { parameter: "end", problem: "must be after start" },
    ]);
  }
  return { startMs, endMs };
}
