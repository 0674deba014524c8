import { byteString } from "./byte_string.ts";
import { FLOATS, MAX_PACKED_BITS } from "./packed_column.ts";

const VARINT_MORE = 0x80;
const VARINT_BITS = 0x7f;
const BITS_OF_BYTE = 8;
const FLOAT_BYTES = 4;

/** Reads what a `ByteWriter` wrote, in the same order. */
export class ByteReader {
  // What a text begins with is part of it.
  static readonly #decoder = new TextDecoder("utf-8", {
    fatal: false,
    ignoreBOM: true,
  });
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether all bytes have been read. */
  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** How many bytes have been read. */
  get at(): number {
    return this.#at;
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) {
      throw new RangeError(
        `Cannot read ${count} bytes at ${at}: only ${
          this.#bytes.length - at
        } are left`,
      );
    }
    this.#at = at + count;
    return at;
  }

  /** One byte. @throws {RangeError} At the end of the bytes. */
  byte(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  /** A whole number from 0. @throws {RangeError} Where it ends too early. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & VARINT_BITS) * scale;
      if (byte < VARINT_MORE) return value;
      scale *= VARINT_MORE;
      if (scale > Number.MAX_SAFE_INTEGER) {
        throw new RangeError(`Cannot read the varint before ${this.#at}`);
      }
    }
  }

  /** A whole number of either sign. */
  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** The next so many whole numbers of either sign: faster than one by one. */
  signedColumn(into: Float64Array, count: number): void {
    const bytes = this.#bytes;
    for (let index = 0; index < count; index++) {
      const byte = bytes[this.#at] ?? VARINT_MORE;
      if (byte >= VARINT_MORE) {
        into[index] = this.signed();
        continue;
      }
      this.#at++;
      into[index] = (byte & 1) === 0 ? byte / 2 : -(byte + 1) / 2;
    }
  }

  /**
   * The next column of so many values.
   *
   * @throws {RangeError} Where it ends too early, or is none.
   */
  packedColumn(into: Float64Array, count: number): void {
    if (count === 0) return;
    const bits = this.byte();
    if (bits === FLOATS) this.#floats(into, count);
    else if (bits <= MAX_PACKED_BITS) this.#packed(into, count, bits);
    else throw new RangeError(`Cannot read a column of ${bits} bits`);
  }

  /** Steps over the next column of so many values. */
  skipColumn(count: number): void {
    if (count === 0) return;
    const bits = this.byte();
    if (bits === FLOATS) this.skip(count * FLOAT_BYTES);
    else if (bits <= MAX_PACKED_BITS) {
      this.varint();
      this.skip(Math.ceil(count * bits / BITS_OF_BYTE));
    } else throw new RangeError(`Cannot read a column of ${bits} bits`);
  }

  #floats(into: Float64Array, count: number): void {
    const from = this.#take(count * FLOAT_BYTES);
    for (let index = 0; index < count; index++) {
      into[index] = this.#view.getFloat32(from + index * FLOAT_BYTES, true);
    }
  }

  #packed(into: Float64Array, count: number, bits: number): void {
    const bytes = this.#bytes;
    const least = this.signed();
    let at = this.#take(Math.ceil(count * bits / BITS_OF_BYTE));
    const mask = (1 << bits) - 1;
    let held = 0;
    let rest = 0;
    for (let index = 0; index < count; index++) {
      for (; held < bits; held += BITS_OF_BYTE) {
        rest |= (bytes[at++] ?? 0) << held;
      }
      into[index] = least + (rest & mask);
      rest >>>= bits;
      held -= bits;
    }
  }

  /** Four bytes, unsigned, little-endian. */
  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** A number written by `ByteWriter.number`. */
  number(): number {
    const value = this.varint();
    if (value === 1) return this.#view.getFloat64(this.#take(8), true);
    const zigzag = value / 2;
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  /** A view of the next bytes (not a copy). */
  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Steps over the next bytes. */
  skip(count: number): void {
    this.#take(count);
  }

  /** The next bytes as a byte string (see `byteString`). */
  rawString(count: number): string {
    return byteString(this.#bytes, this.#take(count), count);
  }

  /** A view of bytes that have their length before them (not a copy). */
  bytes(): Uint8Array {
    return this.raw(this.varint());
  }

  /** All that is left, as a view. */
  rest(): Uint8Array {
    return this.raw(this.#bytes.length - this.#at);
  }

  /** A string with its length in bytes before it. */
  string(): string {
    return ByteReader.#decoder.decode(this.bytes());
  }
}
