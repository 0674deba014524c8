const HEX = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/**
 * Bytes as a string of one character each, for use as a key in a map.
 *
 * @example
 * ```ts
 * import { byteString, hexOf } from "../src/codec/byte_string.ts";
 *
 * const id = byteString(Uint8Array.of(0, 10, 255), 1, 2);
 * expect(hexOf(id)).toBe("0aff");
 * ```
 */
export function byteString(
  bytes: Uint8Array,
  at: number,
  length: number,
): string {
  let text = "";
  for (let offset = 0; offset < length; offset++) {
    text += String.fromCharCode(bytes[at + offset] ?? 0);
  }
  return text;
}

/** The bytes of a byte string. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** A byte string as lower-case hex. */
export function hexOf(text: string): string {
  let hex = "";
  for (let at = 0; at < text.length; at++) {
    hex += HEX[text.charCodeAt(at)] ?? "";
  }
  return hex;
}
