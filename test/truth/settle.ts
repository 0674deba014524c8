/** The wait for a lone half (10 s) and all that follows: the map is whole. */
export const COMPLETE_WITHIN_MS = 25_000;
const INTERVAL_MS = 200;

/** What a question came to, and when. */
export interface Settled {
  /** What is not as it has to be still; empty where all is. */
  readonly differences: readonly string[];
  /** When it was asked for the last time, ms since the epoch. */
  readonly atMs: number;
}

/**
 * Asks again and again, until nothing differs from what has to be, or until
 * the time is over.
 *
 * @param differences What is not as it has to be.
 * @param options `untilMs`: when to give up, ms since the epoch.
 */
export async function settle(
  differences: () => Promise<readonly string[]>,
  { untilMs }: { readonly untilMs: number },
): Promise<Settled> {
  for (;;) {
    const found = await differences();
    const atMs = Date.now();
    if (found.length === 0 || atMs >= untilMs) {
      return { differences: found, atMs };
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
