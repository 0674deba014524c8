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
  // The lengths of ids, spelled out: several times as fast as any loop.
  if (length === 16) return sixteen(bytes, at);
  if (length === 8) return eight(bytes, at);
  let text = "";
  for (let offset = 0; offset < length; offset++) {
    text += String.fromCharCode(bytes[at + offset] ?? 0);
  }
  return text;
}

function eight(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    bytes[at] ?? 0,
    bytes[at + 1] ?? 0,
    bytes[at + 2] ?? 0,
    bytes[at + 3] ?? 0,
    bytes[at + 4] ?? 0,
    bytes[at + 5] ?? 0,
    bytes[at + 6] ?? 0,
    bytes[at + 7] ?? 0,
  );
}

// Not two times eight: V8 would make a pair of strings, to be copied later.
function sixteen(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    bytes[at] ?? 0,
    bytes[at + 1] ?? 0,
    bytes[at + 2] ?? 0,
    bytes[at + 3] ?? 0,
    bytes[at + 4] ?? 0,
    bytes[at + 5] ?? 0,
    bytes[at + 6] ?? 0,
    bytes[at + 7] ?? 0,
    bytes[at + 8] ?? 0,
    bytes[at + 9] ?? 0,
    bytes[at + 10] ?? 0,
    bytes[at + 11] ?? 0,
    bytes[at + 12] ?? 0,
    bytes[at + 13] ?? 0,
    bytes[at + 14] ?? 0,
    bytes[at + 15] ?? 0,
  );
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

/** The byte string of hex digits, two a byte. */
export function byteStringOfHex(hex: string): string {
  let text = "";
  for (let at = 0; at < hex.length; at += 2) {
    text += String.fromCharCode(Number.parseInt(hex.slice(at, at + 2), 16));
  }
  return text;
}
