import type { ByteRange } from "./byte_range.ts";

const FIRST_CAPACITY = 16 * 1024;
const NOT_HEX = 255;

/** Bytes of ids that came as text; grows as they are added. */
export class IdBytes {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  /**
   * Adds an id of `size` bytes.
   *
   * @param hex Its digits, of any case.
   * @returns Its offset; -1, with nothing added, where it is not that many
   * bytes in hex, or all zeros.
   */
  add(hex: ByteRange, size: number): number {
    const { source, from, to } = hex;
    if (to - from !== 2 * size) return -1;
    const at = this.#length;
    if (at + size > this.#bytes.length) this.#grow();
    let any = 0;
    for (let i = 0; i < size; i++) {
      const upper = digitOf(source[from + 2 * i] ?? 0);
      const lower = digitOf(source[from + 2 * i + 1] ?? 0);
      if (upper === NOT_HEX || lower === NOT_HEX) return -1;
      const byte = upper * 16 + lower;
      this.#bytes[at + i] = byte;
      any |= byte;
    }
    if (any === 0) return -1;
    this.#length = at + size;
    return at;
  }

  /** The bytes that the offsets point into. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(): void {
    const bytes = new Uint8Array(2 * this.#bytes.length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

const DIGITS = new Uint8Array(256).fill(NOT_HEX);
for (const [digit, text] of "0123456789abcdef".split("").entries()) {
  DIGITS[text.charCodeAt(0)] = digit;
  DIGITS[text.toUpperCase().charCodeAt(0)] = digit;
}

function digitOf(byte: number): number {
  return DIGITS[byte] ?? NOT_HEX;
}

/** Whether bytes are hex digits alone, two for each byte. */
export function isHex({ source, from, to }: ByteRange): boolean {
  if ((to - from) % 2 === 1) return false;
  for (let at = from; at < to; at++) {
    if (digitOf(source[at] ?? 0) === NOT_HEX) return false;
  }
  return true;
}
