/** Why bytes are not protobuf; caught where reading began. */
export class WireFault extends Error {
  override readonly name = "WireFault";
}

/** Wire types of protobuf that OTLP uses. */
export const WireType = {
  VARINT: 0,
  FIXED64: 1,
  BYTES: 2,
  FIXED32: 5,
} as const;

const MAX_TAG_BYTES = 5;
const MAX_VARINT_BYTES = 10;

/**
 * Reads protobuf's primitives, never past the end of the message they are in:
 * every method takes that end, and throws a {@linkcode WireFault} where the
 * bytes do not hold what it reads.
 *
 * What it takes is what protobufjs takes, less groups and varints of more than
 * 10 bytes: tags and lengths of up to 5 bytes, other varints of up to 10, the
 * upper bits dropped.
 *
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export class WireCursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset of the next byte. */
  at = 0;
  /** Upper 32 bits of the last `int64`, signed. */
  high = 0;
  /** Lower 32 bits of the last `int64`, unsigned. */
  low = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A field's tag: its number times 8, plus its wire type. */
  tag(end: number): number {
    if (this.at < end) {
      const first = this.bytes[this.at] ?? 0;
      if (first < 128) {
        this.at++;
        return first;
      }
    }
    return this.#shortVarint(end, { what: "tag", lastByteMax: 0x0f });
  }

  /** A length and what it must not run past; gives the payload's end. */
  payload(end: number): number {
    let length = 128;
    if (this.at < end) length = this.bytes[this.at] ?? 0;
    if (length < 128) this.at++;
    else length = this.#shortVarint(end, { what: "length", lastByteMax: 7 });
    const payloadEnd = this.at + length;
    if (payloadEnd > end) {
      throw new WireFault(
        `its length ${length} runs past the end of its message at ${end}`,
      );
    }
    return payloadEnd;
  }

  /** Steps over `size` bytes; gives the offset of the first. */
  fixed(size: 4 | 8, end: number): number {
    const at = this.at;
    if (at + size > end) {
      throw new WireFault(
        `its ${size} bytes run past the end of its message at ${end}`,
      );
    }
    this.at = at + size;
    return at;
  }

  /** A varint's lower 32 bits, signed. */
  int32(end: number): number {
    if (this.at < end) {
      const first = this.bytes[this.at] ?? 0;
      if (first < 128) {
        this.at++;
        return first;
      }
    }
    this.int64(end);
    return this.low | 0;
  }

  /** A varint's 64 bits, into `high` and `low`. */
  int64(end: number): void {
    let low = 0;
    let high = 0;
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = this.#byte(end, "varint");
      const bits = byte & 127;
      if (count < 4) low |= bits << (7 * count);
      else if (count === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * count - 32);
      if (byte < 128) {
        this.low = low >>> 0;
        this.high = high | 0;
        return;
      }
    }
    throw tooLong("varint", MAX_VARINT_BYTES);
  }

  /** Whether any bit of a varint is set. */
  bool(end: number): boolean {
    let bits = 0;
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = this.#byte(end, "varint");
      bits |= byte & 127;
      if (byte < 128) return bits !== 0;
    }
    throw tooLong("varint", MAX_VARINT_BYTES);
  }

  /** Steps over the value of a field that is not read. */
  skip(tag: number, end: number): void {
    if (tag < 8) throw new WireFault("its field number is 0");
    switch (tag & 7) {
      case WireType.VARINT:
        this.bool(end);
        return;
      case WireType.FIXED64:
        this.fixed(8, end);
        return;
      case WireType.BYTES:
        this.at = this.payload(end);
        return;
      case WireType.FIXED32:
        this.fixed(4, end);
        return;
      case 3:
      case 4:
        throw new WireFault("it is a group, which OTLP does not have");
      default:
        throw new WireFault(`its wire type is ${tag & 7}, which is none`);
    }
  }

  #shortVarint(
    end: number,
    { what, lastByteMax }: { what: string; lastByteMax: number },
  ): number {
    let value = 0;
    for (let count = 0; count < MAX_TAG_BYTES; count++) {
      const byte = this.#byte(end, what);
      if (count === MAX_TAG_BYTES - 1 && byte > lastByteMax) break;
      value |= (byte & 127) << (7 * count);
      if (byte < 128) return value >>> 0;
    }
    throw tooLong(what, MAX_TAG_BYTES);
  }

  #byte(end: number, what: string): number {
    if (this.at >= end) {
      throw new WireFault(
        `its ${what} runs past the end of its message at ${end}`,
      );
    }
    return this.bytes[this.at++] ?? 0;
  }
}

function tooLong(what: string, maxBytes: number): WireFault {
  return new WireFault(`its ${what} does not end within ${maxBytes} bytes`);
}
