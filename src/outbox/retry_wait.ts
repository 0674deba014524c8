import type { Failure } from "./classify_answer.ts";

/** The wait after the first failure, ms; each further one is up to twice it. */
export const FIRST_WAIT_MS = 1000;
/** The longest wait for a target that is away, ms. */
export const MAX_WAIT_MS = 60_000;
/** The longest wait for a target that wants another setting, ms. */
export const MAX_MISCONFIGURED_WAIT_MS = 300_000;
/** What is added to a `Retry-After` at most, as a part of it. */
const RETRY_AFTER_JITTER = 0.1;

/** What a wait follows from. */
export interface WaitOptions {
  /** Failures in a row, this one among them, from 1. */
  readonly failures: number;
  /** A number from 0 to below 1. */
  readonly random: number;
}

/**
 * How long to wait after a failure, ms: twice as long each time, half of it by
 * chance, so that those who failed together do not come back together; never
 * less than the target asks for.
 *
 * @example
 * ```ts
 * import { retryWaitMs } from "../src/outbox/retry_wait.ts";
 *
 * const away = { kind: "away", retryAfterMs: null } as const;
 * expect(retryWaitMs(away, { failures: 1, random: 0 })).toBe(500);
 * expect(retryWaitMs(away, { failures: 20, random: 0.5 })).toBe(45_000);
 * const busy = { kind: "away", retryAfterMs: 120_000 } as const;
 * expect(retryWaitMs(busy, { failures: 1, random: 0 })).toBe(120_000);
 * ```
 */
export function retryWaitMs(
  failure: Pick<Failure, "kind" | "retryAfterMs">,
  { failures, random }: WaitOptions,
): number {
  const most = failure.kind === "misconfigured"
    ? MAX_MISCONFIGURED_WAIT_MS
    : MAX_WAIT_MS;
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), most);
  const askedMs = (failure.retryAfterMs ?? 0) *
    (1 + RETRY_AFTER_JITTER * random);
  return Math.ceil(Math.max(waitMs * (1 + random) / 2, askedMs));
}
