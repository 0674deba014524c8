/** How long a caller may have been silent and use the time afterwards, s. */
export const BURST_S = 2;

/** What is left of a rate. */
export interface TokenBucket {
  /** Negative where the last taking went beyond what there was. */
  readonly tokens: number;
  /** When that was so, ms since the epoch. */
  readonly atMs: number;
}

/** The bucket after a taking, and how long to wait where nothing was taken. */
export interface Taking {
  readonly bucket: TokenBucket;
  /** 0 where the taking went through, s. */
  readonly waitS: number;
}

/** What is taken, of what. */
export interface TakeOptions {
  /** Tokens that come in a second; more than 0. */
  readonly perSecond: number;
  readonly amount: number;
  readonly nowMs: number;
}

/**
 * Takes tokens out of a bucket that fills evenly up to BURST_S of its rate. It
 * lets a taking through that is larger than what there is, as long as there is
 * one token, and then waits until the debt is paid: a batch that is larger than
 * a burst passes in the end, and the mean never exceeds the rate.
 *
 * @param bucket undefined for a full one.
 *
 * @example One request a second
 * ```ts
 * import { takeTokens } from "../src/access/token_bucket.ts";
 *
 * const asked = { perSecond: 1, amount: 2, nowMs: 0 };
 * const first = takeTokens(undefined, asked);
 * expect(first.waitS).toBe(0);
 * expect(takeTokens(first.bucket, asked).waitS).toBe(1);
 * expect(takeTokens(first.bucket, { ...asked, nowMs: 1000 }).waitS).toBe(0);
 * ```
 */
export function takeTokens(
  bucket: TokenBucket | undefined,
  { perSecond, amount, nowMs }: TakeOptions,
): Taking {
  const most = perSecond * BURST_S;
  const { tokens, atMs } = bucket ?? { tokens: most, atMs: nowMs };
  const passedMs = Math.max(0, nowMs - atMs);
  const filled = Math.min(most, tokens + passedMs * perSecond / 1000);
  if (filled < 1) {
    return {
      bucket: { tokens: filled, atMs: nowMs },
      waitS: (1 - filled) / perSecond,
    };
  }
  return { bucket: { tokens: filled - amount, atMs: nowMs }, waitS: 0 };
}
