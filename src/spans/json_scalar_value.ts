import { doubleTextOf, int64TextOf } from "../otlp/decimal.ts";
import type { JsonCursor } from "../otlp/json_cursor.ts";

/** A value of JSON; null for an array or object, which are no scalars. */
export type Scalar = string | boolean | { readonly digits: string } | null;

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

// Bytes that are not UTF-8 become U+FFFD; a BOM is text.
const DECODER = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const WITH_FRACTION = /[.eE]/;
const UNSIGNED = /^\d{1,20}$/;
const HEX = /^(?:[0-9a-fA-F]{2})*$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_UINT32 = 2 ** 32 - 1;
const BASE64_GROUP = 4;

/** Steps over the value that comes next, and gives it whole. */
export function scalarAt(cursor: JsonCursor): Scalar {
  const first = cursor.peek();
  const { at, bytes } = cursor;
  if (first === QUOTE) {
    const hasEscapes = cursor.string();
    return hasEscapes
      ? unescapedText(bytes.subarray(at, cursor.at))
      : DECODER.decode(bytes.subarray(at + 1, cursor.at - 1));
  }
  cursor.skip();
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return null;
  const text = DECODER.decode(bytes.subarray(at, cursor.at));
  if (text === "null") return null;
  return text === "true" || text === "false"
    ? text === "true"
    : { digits: text };
}

// The cursor has checked it: `JSON.parse` takes it.
function unescapedText(quoted: Uint8Array): string {
  const text: unknown = JSON.parse(DECODER.decode(quoted));
  return typeof text === "string" ? text.toWellFormed() : "";
}

/** A string; "" for anything else. */
export function textOf(value: Scalar): string {
  return typeof value === "string" ? value : "";
}

/** An id in hex of any case, as lower case; "" for anything else. */
export function idOf(value: Scalar): string {
  return typeof value === "string" && HEX.test(value)
    ? value.toLowerCase()
    : "";
}

/** An unsigned 64-bit integer, as a number or a string; 0 for anything else. */
export function uint64Of(value: Scalar): bigint {
  const digits = digitsOf(value);
  if (digits === null) return 0n;
  const integer = UNSIGNED.test(digits)
    ? BigInt(digits)
    : wholeOf(value, digits) ?? 0n;
  return integer >= 0n && integer <= MAX_UINT64 ? integer : 0n;
}

/** An unsigned 32-bit integer, as a number or a string; 0 for anything else. */
export function uint32Of(value: Scalar): number {
  const integer = uint64Of(value);
  return integer <= BigInt(MAX_UINT32) ? Number(integer) : 0;
}

/** A signed 64-bit integer, as a number or a string; else null. */
export function int64Of(value: Scalar): bigint | null {
  const digits = digitsOf(value);
  if (digits === null) return null;
  const text = int64TextOf(digits) ??
    (wholeOf(value, digits) === null ? null : int64TextOf(Number(digits)));
  return text === null ? null : BigInt(text);
}

/** A double, as a number or a string; else null. */
export function doubleOf(value: Scalar): number | null {
  const digits = digitsOf(value);
  return digits === null || doubleTextOf(digits) === null
    ? null
    : Number(digits);
}

/** What an enum's number, or its name, stands for. */
export function enumOf<T>(value: Scalar, ways: {
  readonly number: (value: number) => T;
  readonly name: (name: string) => T;
}): T {
  return typeof value === "string"
    ? ways.name(value)
    : ways.number(Number(digitsOf(value) ?? 0));
}

/** Bytes in base64, of either alphabet; null for anything else. */
export function bytesOf(value: Scalar): Uint8Array | null {
  if (typeof value !== "string" || !BASE64.test(value)) return null;
  const bare = value.replaceAll("-", "+").replaceAll("_", "/")
    .replaceAll("=", "");
  // One character alone of a group is less than a byte.
  if (bare.length % BASE64_GROUP === 1) return null;
  return Uint8Array.from(atob(bare), (character) => character.charCodeAt(0));
}

function digitsOf(value: Scalar): string | null {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? value.digits : null;
}

// A number that is whole, though written with a fraction or an exponent.
function wholeOf(value: Scalar, digits: string): bigint | null {
  if (typeof value === "string" || !WITH_FRACTION.test(digits)) return null;
  const number = Number(digits);
  return Number.isInteger(number) ? BigInt(number) : null;
}
