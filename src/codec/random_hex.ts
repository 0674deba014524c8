/**
 * Random bytes as lower-case hex, from the platform's secure source.
 *
 * @param bytes How many; the text has twice as many characters.
 *
 * @example
 * ```ts
 * import { randomHex } from "../src/codec/random_hex.ts";
 *
 * expect(randomHex(8)).toMatch(/^[0-9a-f]{16}$/);
 * ```
 */
export function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
