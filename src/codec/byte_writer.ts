import { FLOATS, packedBits } from "./packed_column.ts";

const INITIAL_BYTES = 1024;
const VARINT_MORE = 0x80;
const VARINT_BITS = 0x7f;
const BITS_PER_BYTE = 7;
const BITS_OF_BYTE = 8;
const BYTE = 0xff;
const FLOAT_BYTES = 4;
const MAX_INT32 = 2 ** 31 - 1;

/**
 * Appends numbers, strings and bytes to a buffer that grows, for the formats
 * that TraceCore itself writes and reads (see `ByteReader`).
 *
 * @example Two values out and in
 * ```ts
 * import { ByteWriter } from "../src/codec/byte_writer.ts";
 * import { ByteReader } from "../src/codec/byte_reader.ts";
 *
 * const writer = new ByteWriter();
 * writer.varint(300);
 * writer.string("cart");
 * const reader = new ByteReader(writer.finish());
 * expect([reader.varint(), reader.string()]).toEqual([300, "cart"]);
 * ```
 */
export class ByteWriter {
  static readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** How many bytes have been written. */
  get length(): number {
    return this.#length;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** One byte, 0 to 255. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /**
   * A whole number from 0 to 2^53 − 1, in 1 to 8 bytes.
   *
   * @throws {RangeError} Where the value is no such number.
   */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot write "${value}" as a varint`);
    }
    this.#reserve(8);
    let rest = value;
    while (rest > MAX_INT32) {
      this.#bytes[this.#length++] = (rest % VARINT_MORE) | VARINT_MORE;
      rest = Math.floor(rest / VARINT_MORE);
    }
    while (rest > VARINT_BITS) {
      this.#bytes[this.#length++] = rest | VARINT_MORE;
      rest >>= BITS_PER_BYTE;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A whole number of either sign (zigzag varint). */
  signed(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** Four bytes, unsigned, little-endian. */
  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** A double, exactly; whole numbers of either sign take 2 to 9 bytes. */
  number(value: number): void {
    if (Number.isSafeInteger(value) && Math.abs(value) < 2 ** 51) {
      this.varint((value < 0 ? -value * 2 - 1 : value * 2) * 2);
      return;
    }
    this.byte(1);
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /**
   * A column: what each value is above the least, in as few bits as all of
   * them fit in. Whole numbers that are more than 24 bits apart, and others,
   * are rounded to floats of 32 bits.
   */
  packedColumn(values: ArrayLike<number>): void {
    if (values.length === 0) return;
    const bits = packedBits(values);
    this.byte(bits);
    if (bits === FLOATS) this.#floats(values);
    else this.#packed(values, bits);
  }

  #floats(values: ArrayLike<number>): void {
    this.#reserve(values.length * FLOAT_BYTES);
    for (let at = 0; at < values.length; at++) {
      this.#view.setFloat32(this.#length, values[at] ?? 0, true);
      this.#length += FLOAT_BYTES;
    }
  }

  #packed(values: ArrayLike<number>, bits: number): void {
    const least = Array.from(values).reduce((a, b) => Math.min(a, b));
    this.signed(least);
    let held = 0;
    let rest = 0;
    for (let at = 0; at < values.length; at++) {
      rest |= ((values[at] ?? 0) - least) << held;
      for (held += bits; held >= BITS_OF_BYTE; held -= BITS_OF_BYTE) {
        this.byte(rest & BYTE);
        rest >>>= BITS_OF_BYTE;
      }
    }
    if (held > 0) this.byte(rest);
  }

  /** Bytes without their length: the reader has to know it. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** A byte string (see `byteString`) without its length. */
  rawString(value: string): void {
    this.#reserve(value.length);
    for (let at = 0; at < value.length; at++) {
      this.#bytes[this.#length++] = value.charCodeAt(at);
    }
  }

  /** Bytes with their length before them. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  /** A string as UTF-8 with its length in bytes before it. */
  string(value: string): void {
    this.bytes(ByteWriter.#encoder.encode(value));
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}
