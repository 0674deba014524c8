/** An unsigned 64-bit integer by its upper and lower 32 bits. */
export interface Uint64 {
  readonly high: number;
  readonly low: number;
}

const UINT64_DIGITS = /^\d{1,20}$/;
const INT64_DIGITS = /^-?\d{1,19}$/;
const DOUBLE = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/;
const TWO_POW_16 = 2 ** 16;
const TWO_POW_32 = 2 ** 32;
const TWO_POW_64 = 2 ** 64;
const LOWER_DIGITS = 9;
const TWO_POW_63 = 2n ** 63n;

/**
 * An unsigned 64-bit integer of JSON, where it is a number or a string of
 * decimal digits; null for anything else.
 */
export function uint64Of(value: unknown): Uint64 | null {
  if (typeof value === "number") {
    if (!Number.isInteger(value) || value < 0 || value >= TWO_POW_64) {
      return null;
    }
    return { high: Math.floor(value / TWO_POW_32), low: value % TWO_POW_32 };
  }
  if (typeof value !== "string" || !UINT64_DIGITS.test(value)) return null;
  // In parts of at most 2^53, for a BigInt of each time is slow.
  const upper = Number(value.slice(0, -LOWER_DIGITS));
  const lower = Number(value.slice(-LOWER_DIGITS));
  const scale = 10 ** LOWER_DIGITS;
  const rest = (upper % TWO_POW_16) * scale + lower;
  const tail = rest % TWO_POW_16;
  const head = Math.floor(upper / TWO_POW_16) * scale +
    Math.floor(rest / TWO_POW_16);
  const high = Math.floor(head / TWO_POW_16);
  if (high >= TWO_POW_32) return null;
  return { high, low: (head % TWO_POW_16) * TWO_POW_16 + tail };
}

/**
 * A signed 64-bit integer of JSON, where it is a number or a string of decimal
 * digits, as its shortest decimal digits; null for anything else.
 */
export function int64TextOf(value: unknown): string | null {
  const whole = typeof value === "number"
    ? Number.isInteger(value)
    : typeof value === "string" && INT64_DIGITS.test(value);
  if (!whole) return null;
  const exact = BigInt(value as number | string);
  return exact >= -TWO_POW_63 && exact < TWO_POW_63 ? String(exact) : null;
}

/**
 * A double of JSON, where it is a number or a string that holds one ("NaN" and
 * the infinities too), as `String` prints it; null for anything else.
 */
export function doubleTextOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string" || !DOUBLE.test(value)) return null;
  return String(Number(value));
}
