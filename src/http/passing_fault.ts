/** How far the causes of an error are followed. */
const MAX_CAUSES = 5;

/**
 * Whether a fault is likely to pass: an overloaded or restarted object, a D1
 * that did not answer. The platform marks an object's with `overloaded` or
 * `retryable`; D1's begin with D1_ERROR.
 *
 * @example An overloaded object
 * ```ts
 * import { isPassingFault } from "../src/http/passing_fault.ts";
 *
 * const fault = Object.assign(new Error("busy"), { overloaded: true });
 * expect(isPassingFault(fault)).toBe(true);
 * expect(isPassingFault(new TypeError("wrong"))).toBe(false);
 * ```
 */
export function isPassingFault(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES; depth++) {
    if (!(cause instanceof Error)) return false;
    if ("overloaded" in cause && cause.overloaded === true) return true;
    if ("retryable" in cause && cause.retryable === true) return true;
    if (cause.message.startsWith("D1_ERROR")) return true;
    cause = cause.cause;
  }
  return false;
}
