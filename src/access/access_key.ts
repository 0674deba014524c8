import type { KeyLimits, Scope } from "./caller.ts";

/** A key as it is stored: all but its text, which nobody has. */
export interface AccessKey {
  /** Public part of its text. */
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly scope: Scope;
  /** `keyDigest` of its text. */
  readonly hash: string;
  /** ms since the epoch; so are the others. */
  readonly createdMs: number;
  /** From when on it is refused; null for never. */
  readonly expiresMs: number | null;
  readonly revokedMs: number | null;
  readonly limits: KeyLimits;
}

/** Whether a key can be used, and if not, why. */
export const KEY_STATES = ["active", "expired", "revoked"] as const;

/** One of `KEY_STATES`. */
export type KeyState = (typeof KEY_STATES)[number];

/**
 * The state of a key at a time.
 *
 * @example A key is refused from the millisecond on at which it expires
 * ```ts
 * import { keyState } from "../src/access/access_key.ts";
 *
 * const key = { expiresMs: 1000, revokedMs: null };
 * expect(keyState(key, 999)).toBe("active");
 * expect(keyState(key, 1000)).toBe("expired");
 * ```
 */
export function keyState(
  key: Pick<AccessKey, "expiresMs" | "revokedMs">,
  nowMs: number,
): KeyState {
  if (key.revokedMs !== null) return "revoked";
  return key.expiresMs !== null && key.expiresMs <= nowMs
    ? "expired"
    : "active";
}

/** Whether a key of one scope may do what needs another. */
export function scopeAllows(has: Scope, needs: Scope): boolean {
  return has === "admin" || has === needs;
}
