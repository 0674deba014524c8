import { cutText } from "./text_limits.ts";

/** Longest text, in bytes, that a cache keeps. */
export const MAX_CACHED_BYTES = 64;

/** How many texts a cache keeps. */
export const CACHED_TEXTS = 2048;

// Cuts of UTF-8 that cannot be decoded become U+FFFD; a BOM is text.
const DECODER = new TextDecoder("utf-8", {
  fatal: false,
  ignoreBOM: true,
});

// A UTF-16 unit comes of at most 3 bytes: 4 bytes make 2 units, and of bytes
// that are not UTF-8 at most 3 make one U+FFFD.
const MAX_BYTES_PER_UNIT = 3;

// Spreads bits as in Knuth's multiplicative hashing: 2^32 / golden ratio.
const HASH_FACTOR = 0x9e3779b1;

/**
 * Makes strings of UTF-8 bytes. Short ones that come again (names of services
 * and operations) are made once and then found by their bytes.
 */
export class TextCache {
  readonly #texts: string[] = new Array<string>(CACHED_TEXTS).fill("");
  readonly #lengths = new Uint8Array(CACHED_TEXTS);
  // A slot of MAX_CACHED_BYTES for each text.
  readonly #kept = new DataView(
    new ArrayBuffer(CACHED_TEXTS * MAX_CACHED_BYTES),
  );

  /**
   * The text in `length` bytes from `at`, cut to `maxChars` UTF-16 units.
   * Bytes that are not UTF-8 become U+FFFD.
   */
  read(view: DataView, at: number, length: number, maxChars: number): string {
    if (length === 0) return "";
    if (length > MAX_CACHED_BYTES || length > maxChars) {
      return decode(view, at, length, maxChars);
    }
    const slot = slotOf(view, at, length);
    const keptAt = slot * MAX_CACHED_BYTES;
    if (
      this.#lengths[slot] === length &&
      isSame(view, at, this.#kept, keptAt, length)
    ) return this.#texts[slot] ?? "";
    const text = decode(view, at, length, maxChars);
    for (let i = 0; i < length; i++) {
      this.#kept.setUint8(keptAt + i, view.getUint8(at + i));
    }
    this.#lengths[slot] = length;
    this.#texts[slot] = text;
    return text;
  }
}

/** The cache of both encodings. Names come again in the next request. */
export const TEXTS = new TextCache();

function decode(
  view: DataView,
  at: number,
  length: number,
  maxChars: number,
): string {
  // Two units more than are kept: the end of what is decoded may be a piece of
  // a character.
  const enough = Math.min(length, (maxChars + 2) * MAX_BYTES_PER_UNIT);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, enough);
  return cutText(DECODER.decode(bytes), maxChars);
}

// Four bytes at a time; the last four overlap those before them.
function slotOf(view: DataView, at: number, length: number): number {
  const last = at + length - 4;
  let hash = length;
  if (length < 4) {
    for (let i = 0; i < length; i++) hash = hash * 257 + view.getUint8(at + i);
  } else {
    for (let i = at; i < last; i += 4) {
      hash = Math.imul(hash ^ view.getUint32(i, true), HASH_FACTOR);
      hash ^= hash >>> 15;
    }
    hash ^= view.getUint32(last, true);
  }
  hash = Math.imul(hash, HASH_FACTOR);
  return (hash ^ (hash >>> 15)) & (CACHED_TEXTS - 1);
}

function isSame(
  a: DataView,
  aAt: number,
  b: DataView,
  bAt: number,
  length: number,
): boolean {
  if (length < 4) {
    for (let i = 0; i < length; i++) {
      if (a.getUint8(aAt + i) !== b.getUint8(bAt + i)) return false;
    }
    return true;
  }
  const last = length - 4;
  for (let i = 0; i < last; i += 4) {
    if (a.getInt32(aAt + i) !== b.getInt32(bAt + i)) return false;
  }
  return a.getInt32(aAt + last) === b.getInt32(bAt + last);
}
