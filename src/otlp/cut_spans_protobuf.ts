import { WireCursor } from "./wire_cursor.ts";

/**
 * Fields on the way to the spans, from the outside in, as tags: number times 8
 * plus wire type. The last is the spans.
 */
const WAY = [10, 18, 18] as const;
const SPANS = WAY.length - 1;

const MAX_LENGTH_BYTES = 5;

/** {@linkcode cutSpans} of a body in protobuf. */
export function cutSpansProtobuf(
  body: Uint8Array,
  drop: (ordinal: number) => boolean,
): Uint8Array<ArrayBuffer> {
  return new ProtobufCut(body, drop).finish();
}

class ProtobufCut {
  readonly #cursor: WireCursor;
  readonly #drop: (ordinal: number) => boolean;
  // Starts as the body; what is kept moves to its front, where there is always
  // room, as no length takes more bytes than it did.
  readonly #out: Uint8Array<ArrayBuffer>;
  #length = 0;
  #ordinal = 0;

  constructor(body: Uint8Array, drop: (ordinal: number) => boolean) {
    this.#cursor = new WireCursor(body);
    this.#drop = drop;
    this.#out = new Uint8Array(body);
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#cut(0, this.#cursor.bytes.length);
    return this.#out.subarray(0, this.#length);
  }

  // A message down to `end`, of which the field `WAY[level]` matters.
  #cut(level: number, end: number): void {
    const cursor = this.#cursor;
    while (cursor.at < end) {
      const start = cursor.at;
      const tag = cursor.tag(end);
      const lengthAt = cursor.at;
      if (tag !== WAY[level]) {
        cursor.skip(tag, end);
        this.#keep(start, cursor.at);
        continue;
      }
      const fieldEnd = cursor.payload(end);
      if (level < SPANS) {
        this.#keep(start, lengthAt);
        this.#cutField(level, { lengthAt, end: fieldEnd });
        continue;
      }
      cursor.at = fieldEnd;
      if (!this.#drop(this.#ordinal++)) this.#keep(start, fieldEnd);
    }
  }

  // A field from its length on.
  #cutField(
    level: number,
    field: { readonly lengthAt: number; readonly end: number },
  ): void {
    const payloadAt = this.#cursor.at;
    const lengthAt = this.#length;
    this.#keep(field.lengthAt, payloadAt);
    const start = this.#length;
    this.#cut(level + 1, field.end);
    const payload = this.#length - start;
    if (payload === field.end - payloadAt) return;
    const length = varintOf(payload);
    this.#out.set(length, lengthAt);
    this.#out.copyWithin(lengthAt + length.length, start, this.#length);
    this.#length = lengthAt + length.length + payload;
  }

  #keep(start: number, end: number): void {
    if (this.#length !== start) {
      this.#out.copyWithin(this.#length, start, end);
    }
    this.#length += end - start;
  }
}

function varintOf(value: number): Uint8Array {
  const bytes = new Uint8Array(MAX_LENGTH_BYTES);
  let length = 0;
  let rest = value;
  while (rest >= 128) {
    bytes[length++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[length++] = rest;
  return bytes.subarray(0, length);
}
