import type { ByteRange } from "./byte_range.ts";

/** An unsigned 64-bit integer by its upper and lower 32 bits. */
export interface Uint64 {
  readonly high: number;
  readonly low: number;
}

const MAX_UINT64_DIGITS = 20;
const INT64_DIGITS = /^-?\d{1,19}$/;
const DOUBLE = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/;
const TWO_POW_16 = 2 ** 16;
const TWO_POW_32 = 2 ** 32;
const TWO_POW_64 = 2 ** 64;
const LOWER_DIGITS = 9;
const LOWER_SCALE = 10 ** LOWER_DIGITS;
const TWO_POW_63 = 2n ** 63n;
const ZERO = 0x30;

/** The unsigned 64-bit integer of up to 20 ASCII digits; null for all else. */
export function uint64OfDigits(digits: ByteRange): Uint64 | null {
  const { source, from, to } = digits;
  if (from === to || to - from > MAX_UINT64_DIGITS) return null;
  // In parts of at most 2^53, for a BigInt of each time is slow.
  const middle = Math.max(from, to - LOWER_DIGITS);
  let upper = 0;
  let lower = 0;
  for (let at = from; at < to; at++) {
    const digit = (source[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return null;
    if (at < middle) upper = upper * 10 + digit;
    else lower = lower * 10 + digit;
  }
  const rest = (upper % TWO_POW_16) * LOWER_SCALE + lower;
  const tail = rest % TWO_POW_16;
  const head = Math.floor(upper / TWO_POW_16) * LOWER_SCALE +
    Math.floor(rest / TWO_POW_16);
  const high = Math.floor(head / TWO_POW_16);
  if (high >= TWO_POW_32) return null;
  return { high, low: (head % TWO_POW_16) * TWO_POW_16 + tail };
}

/** A number as an unsigned 64-bit integer; null where it is none. */
export function uint64OfNumber(value: number): Uint64 | null {
  if (!Number.isInteger(value) || value < 0 || value >= TWO_POW_64) return null;
  return { high: Math.floor(value / TWO_POW_32), low: value % TWO_POW_32 };
}

/**
 * A signed 64-bit integer of JSON, where it is a number or a string of decimal
 * digits, as its shortest decimal digits; null for anything else.
 */
export function int64TextOf(value: string | number): string | null {
  const whole = typeof value === "number"
    ? Number.isInteger(value)
    : INT64_DIGITS.test(value);
  if (!whole) return null;
  const exact = BigInt(value);
  return exact >= -TWO_POW_63 && exact < TWO_POW_63 ? String(exact) : null;
}

/**
 * A double of JSON, where it is a number or a string that holds one ("NaN" and
 * the infinities too), as `String` prints it; null for anything else.
 */
export function doubleTextOf(value: string | number): string | null {
  if (typeof value === "number") return String(value);
  return DOUBLE.test(value) ? String(Number(value)) : null;
}
