// What String.fromCharCode takes as arguments at once is limited.
const BYTES_AT_ONCE = 8192;

/**
 * Bytes as base64, with padding (RFC 4648, section 4).
 *
 * @example
 * ```ts
 * import { base64Of } from "../src/codec/base64.ts";
 *
 * expect(base64Of(Uint8Array.of(0, 0, 48, 57))).toBe("AAAwOQ==");
 * ```
 */
export function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += BYTES_AT_ONCE) {
    text += String.fromCharCode(...bytes.subarray(at, at + BYTES_AT_ONCE));
  }
  return btoa(text);
}
