import type { AttributeValue } from "../spans/span.ts";

/** Bytes of a text that its hash tells apart, with its length. */
export const MAX_HASHED_BYTES = 1024;

const TEXT = 1;
const BOOLEAN = 2;
const INTEGER = 3;
const FRACTION = 4;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const UTF8 = new TextEncoder();
const REPLACED = "\ufffd";
const MIN_INT64 = -(2 ** 63);
const AFTER_INT64 = 2 ** 63;
const WORD = 32n;

/** Where the hashes of an attribute's values begin. */
export function keyHash(key: string): number {
  const bytes = UTF8.encode(key);
  return fnv(FNV_OFFSET, { bytes, from: 0, to: bytes.length });
}

/**
 * Hashes of an attribute's value: of those of an array, if it is one. Values
 * that equal each other, as a search has it (`matchesSpan`), have one hash.
 *
 * @param key What `keyHash` made.
 * @returns Unsigned, of 32 bits; none for what equals nothing that can be
 *   asked for.
 */
export function* valueHashes(
  key: number,
  value: AttributeValue,
): Generator<number> {
  if (Array.isArray(value)) {
    for (const one of value as readonly AttributeValue[]) {
      const hash = scalarHash(key, one);
      if (hash !== null) yield hash;
    }
    return;
  }
  const hash = scalarHash(key, value);
  if (hash !== null) yield hash;
}

/**
 * The hash that an attribute of a span has if it equals what is asked for.
 *
 * @returns null where no hash tells: bytes that are no text were sent as such,
 *   and read as U+FFFD.
 *
 * @example
 * ```ts
 * import { askedHash, keyHash, valueHashes } from "../src/trace_index/attribute_hash.ts";
 *
 * const key = keyHash("http.response.status_code");
 * expect([...valueHashes(key, 500n)]).toEqual([askedHash(key, 500)]);
 * expect([...valueHashes(key, [500])]).toEqual([askedHash(key, 500)]);
 * expect([...valueHashes(key, "500")]).not.toEqual([askedHash(key, 500)]);
 * ```
 */
export function askedHash(
  key: number,
  value: string | number | boolean,
): number | null {
  const isTold = typeof value !== "string" ||
    (value.isWellFormed() && !value.includes(REPLACED));
  return isTold ? scalarHash(key, value) : null;
}

function scalarHash(key: number, value: AttributeValue): number | null {
  if (typeof value === "string") {
    const bytes = UTF8.encode(value);
    return textHash(key, { bytes, from: 0, to: bytes.length });
  }
  if (typeof value === "boolean") return booleanHash(key, value);
  if (typeof value === "number") return numberHash(key, value);
  return typeof value === "bigint"
    ? integerHash(key, {
      high: Number(BigInt.asIntN(64, value) >> WORD),
      low: Number(BigInt.asUintN(32, value)),
    })
    : null;
}

/** Some of a message's bytes. */
interface Bytes {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** The hash of a text in UTF-8. */
export function textHash(key: number, { bytes, from, to }: Bytes): number {
  const until = Math.min(to, from + MAX_HASHED_BYTES);
  return mixed(fnv(key ^ TEXT, { bytes, from, to: until }) ^ (to - from));
}

/** The hash of a boolean. */
export function booleanHash(key: number, value: boolean): number {
  return mixed(mixed(key ^ BOOLEAN) ^ (value ? 1 : 0));
}

/** The hash of an integer of 64 bits, signed. */
export function integerHash(
  key: number,
  { high, low }: { readonly high: number; readonly low: number },
): number {
  return wordsHash(key ^ INTEGER, high, low);
}

/** The hash of a double: of the integer of its value, if there is one. */
export function numberHash(key: number, value: number): number {
  if (
    Number.isInteger(value) && value >= MIN_INT64 && value < AFTER_INT64
  ) {
    const high = Math.floor(value / 2 ** 32);
    return integerHash(key, { high, low: value - high * 2 ** 32 });
  }
  NUMBER.setFloat64(0, value);
  return wordsHash(key ^ FRACTION, NUMBER.getInt32(0), NUMBER.getInt32(4));
}

const NUMBER = new DataView(new ArrayBuffer(8));

function wordsHash(seed: number, high: number, low: number): number {
  return mixed(mixed(mixed(seed) ^ low) ^ high);
}

function fnv(seed: number, { bytes, from, to }: Bytes): number {
  let hash = seed;
  for (let at = from; at < to; at++) {
    hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
  }
  return hash >>> 0;
}

// The finaliser of MurmurHash3, which spreads every bit over all.
function mixed(word: number): number {
  let bits = word;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
