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
 * const never = new Promise(() => undefined);
 * expect(await settledWithin(Promise.resolve(), 60_000)).toBe(true);
 * expect(await settledWithin(never, 1)).toBe(false);
 * ```
 *
 * @returns Whether the promise settled in that time.
 * @throws What the promise throws in that time.
 */
export async function settledWithin(
  promise: Promise<unknown>,
  ms: number,
): Promise<boolean> {
  const { promise: over, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([promise.then(() => true), over]);
  } finally {
    clearTimeout(timer);
  }
}
