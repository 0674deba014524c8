import type { KeyLimits } from "./caller.ts";

/**
 * Whether a key may post the spans of a service. A name in the key's list is
 * exact, or the beginning of names where it ends in `*`.
 *
 * @example The pages of a shop
 * ```ts
 * import { NO_KEY_LIMITS } from "../src/access/caller.ts";
 * import { mayPostFor } from "../src/access/may_post_for.ts";
 *
 * const limits = { ...NO_KEY_LIMITS, services: ["shop", "page-*"] };
 * expect(mayPostFor(limits, "page-cart")).toBe(true);
 * expect(mayPostFor(limits, "shop-2")).toBe(false);
 * ```
 */
export function mayPostFor(
  limits: Pick<KeyLimits, "services">,
  serviceName: string,
): boolean {
  return limits.services === null ||
    limits.services.some((allowed) =>
      allowed.endsWith("*")
        ? serviceName.startsWith(allowed.slice(0, -1))
        : serviceName === allowed
    );
}
