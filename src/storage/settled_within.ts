/**
 * Waits for a promise, but not for longer than it may take. The timer ends
 * with it: a pending one would keep an object awake.
 *
 * @param ms The longest wait, ms.
 *
 * @example
 * ```ts
 * import { settledWithin } from "../src/storage/settled_within.ts";
 *
 * const started = performance.now();
 * await settledWithin(Promise.resolve(), 60_000);
 * expect(performance.now() - started).toBeLessThan(10_000);
 * ```
 *
 * @throws What the promise throws in that time.
 */
export async function settledWithin(
  promise: Promise<unknown>,
  ms: number,
): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
