import type { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import {
  hasSameKeys,
  type IndexedAttributes,
  UNINDEXED,
} from "./indexed_attributes.ts";

/** Values of attributes that a page's row names; one with more is read for any. */
export const MAX_PAGE_ATTRIBUTES = 16_384;

const HASH_BYTES = 4;
/** From this on, a varint has another byte. */
const VARINT_MORE = 128;
const LINE = "\n";

/** What tells of a whole page which attributes its traces do not have. */
export interface PageAttributes {
  /** One a line; those of which every trace of the page is known. */
  readonly keys: string;
  /** Hashes of their values, of 4 bytes each. */
  readonly hashes: Uint8Array<ArrayBuffer>;
}

/** Of nothing it is known. */
const UNKNOWN: PageAttributes = { keys: LINE, hashes: new Uint8Array() };

/** Numbers the values that the traces of a page have, so that each is written once. */
export class AttributeTable {
  readonly #numbers: Map<number, number> = new Map();
  #known: IndexedAttributes = UNINDEXED;
  #isWhole = true;

  /** At most how many bytes the table takes. */
  get maxBytes(): number {
    return HASH_BYTES * this.#numbers.size;
  }

  /** Appends what is known of a trace; of one page all know of the same. */
  add(to: ByteWriter, attributes: IndexedAttributes): void {
    if (this.#known.keys.size === 0) this.#known = attributes;
    const isKnown = attributes.keys.size > 0 &&
      hasSameKeys(this.#known, attributes);
    if (!isKnown) {
      this.#isWhole = false;
      to.varint(0);
      return;
    }
    const numbers = Array.from(attributes.hashes, (hash) => this.#number(hash))
      .sort((a, b) => a - b);
    const steps = numbers.map((number, at) => number - (numbers[at - 1] ?? 0));
    // Their length first: most searches step over them.
    const length = steps.reduce((sum, step) => sum + varintBytes(step), 0);
    to.varint(length + 1);
    for (const step of steps) to.varint(step);
  }

  #number(hash: number): number {
    const number = this.#numbers.get(hash) ?? this.#numbers.size;
    this.#numbers.set(hash, number);
    return number;
  }

  /** Appends the table, which stands before what refers to it. */
  write(to: ByteWriter): void {
    to.string([...this.#known.keys].join(LINE));
    to.bytes(this.#hashes());
  }

  #hashes(): Uint8Array<ArrayBuffer> {
    const hashes = new ByteWriter();
    for (const hash of this.#numbers.keys()) hashes.uint32(hash);
    return hashes.finish();
  }

  /** What the page's row is to say. */
  ofPage(): PageAttributes {
    const { keys } = this.#known;
    const isKnown = this.#isWhole && keys.size > 0 &&
      this.#numbers.size <= MAX_PAGE_ATTRIBUTES;
    return isKnown
      ? { keys: LINE + [...keys].join(LINE) + LINE, hashes: this.#hashes() }
      : UNKNOWN;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= VARINT_MORE; rest /= VARINT_MORE) bytes++;
  return bytes;
}

/** What a page's row says of one value that is asked for. */
export interface AskedHash {
  readonly key: string;
  readonly hash: number;
}

/** A line of `PageAttributes.keys`. */
export function lineOf({ key }: AskedHash): string {
  return LINE + key + LINE;
}

/** A hash as it stands in `PageAttributes.hashes`. */
export function bytesOfHash({ hash }: AskedHash): Uint8Array<ArrayBuffer> {
  const bytes = new ByteWriter();
  bytes.uint32(hash);
  return bytes.finish();
}

/** Reads what `AttributeTable` wrote. */
export class AttributeTableReader {
  readonly #keys: ReadonlySet<string>;
  readonly #hashes: DataView;

  /**
   * Reads the table.
   *
   * @throws {RangeError} Where the bytes are none.
   */
  constructor(from: ByteReader) {
    const keys = from.string();
    this.#keys = new Set(keys === "" ? [] : keys.split(LINE));
    const { buffer, byteOffset, byteLength } = from.bytes();
    this.#hashes = new DataView(buffer, byteOffset, byteLength);
  }

  /** Which numbers may stand for what is asked for; null: any trace may have it. */
  numbersOf(asked: readonly AskedHash[]): ReadonlySet<number> | null {
    const numbers = new Set<number>();
    for (const { key, hash } of asked) {
      if (!this.#keys.has(key)) return null;
      const number = this.#numberOf(hash);
      if (number !== null) numbers.add(number);
    }
    return numbers;
  }

  #numberOf(hash: number): number | null {
    const { byteLength } = this.#hashes;
    for (let at = 0; at + HASH_BYTES <= byteLength; at += HASH_BYTES) {
      if (this.#hashes.getUint32(at, true) === hash) return at / HASH_BYTES;
    }
    return null;
  }

  /** Reads over what `add` appended. */
  skip(from: ByteReader): void {
    from.skip(Math.max(0, from.varint() - 1));
  }

  /**
   * Reads over what `add` appended.
   *
   * @param wanted Of each set, which `numbersOf` made, a trace needs one.
   * @returns Whether it has them, or may have.
   */
  scan(from: ByteReader, wanted: readonly ReadonlySet<number>[]): boolean {
    const length = from.varint() - 1;
    if (length === -1) return true;
    if (wanted.length === 0) {
      from.skip(length);
      return true;
    }
    const missing = new Set(wanted);
    const end = from.at + length;
    let number = 0;
    while (from.at < end) {
      number += from.varint();
      for (const numbers of missing) {
        if (numbers.has(number)) missing.delete(numbers);
      }
    }
    return missing.size === 0;
  }

  /**
   * What `add` appended.
   *
   * @throws {RangeError} Where the bytes are none.
   */
  read(from: ByteReader): IndexedAttributes {
    const length = from.varint() - 1;
    if (length === -1) return UNINDEXED;
    const hashes = new Set<number>();
    const end = from.at + length;
    let number = 0;
    while (from.at < end) {
      number += from.varint();
      // Beyond its end it throws a RangeError.
      hashes.add(this.#hashes.getUint32(number * HASH_BYTES, true));
    }
    return { keys: this.#keys, hashes };
  }
}
