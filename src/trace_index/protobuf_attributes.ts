import { wantedFields, type WantedKeys } from "../otlp/wanted_keys.ts";
import { WireCursor, WireType } from "../otlp/wire_cursor.ts";
import {
  booleanHash,
  integerHash,
  numberHash,
  textHash,
} from "./attribute_hash.ts";

// Tags of the fields, as trace.proto and common.proto number them.
const SPAN_ATTRIBUTES = (9 << 3) | WireType.BYTES;
const KEY = (1 << 3) | WireType.BYTES;
const VALUE = (2 << 3) | WireType.BYTES;
const STRING = (1 << 3) | WireType.BYTES;
const BOOL = (2 << 3) | WireType.VARINT;
const INT = (3 << 3) | WireType.VARINT;
const DOUBLE = (4 << 3) | WireType.FIXED64;
const ARRAY = (5 << 3) | WireType.BYTES;
const ARRAY_VALUES = (1 << 3) | WireType.BYTES;

/**
 * Hashes the values of some attributes without reading anything else of a
 * span: several times as fast as `readPieces`. Where the format lets a later
 * field replace one, it tells of both.
 */
export class ProtobufAttributes {
  readonly #keys: WantedKeys<string>;
  readonly #hashes: ReadonlyMap<string, number>;

  /** @param hashes By the attributes' names, what `keyHash` made. */
  constructor(hashes: ReadonlyMap<string, number>) {
    this.#hashes = hashes;
    this.#keys = wantedFields([...hashes.keys()]);
  }

  /**
   * Hashes of the values in a span of a body that was accepted.
   *
   * @throws {WireFault} Where the bytes are no span.
   */
  hashesOf(span: Uint8Array): readonly number[] {
    const hashes: number[] = [];
    const cursor = new WireCursor(span);
    const end = span.length;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      if (tag === SPAN_ATTRIBUTES) {
        this.#readPair(cursor, cursor.payload(end), hashes);
      } else cursor.skip(tag, end);
    }
    return hashes;
  }

  #readPair(cursor: WireCursor, end: number, hashes: number[]): void {
    const start = cursor.at;
    let name: string | undefined;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      if (tag === KEY) {
        const keyEnd = cursor.payload(end);
        name = this.#keys.find(cursor.bytes, cursor.at, keyEnd - cursor.at);
        cursor.at = keyEnd;
      } else cursor.skip(tag, end);
    }
    const key = name === undefined ? undefined : this.#hashes.get(name);
    if (key === undefined) return;
    // The key may stand behind the value.
    cursor.at = start;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      if (tag === VALUE) {
        readValue(cursor, { end: cursor.payload(end), key }, hashes);
      } else cursor.skip(tag, end);
    }
  }
}

function readValue(
  cursor: WireCursor,
  of: { readonly end: number; readonly key: number },
  hashes: number[],
): void {
  const { end, key } = of;
  while (cursor.at < end) {
    const tag = cursor.tag(end);
    if (tag === ARRAY) readArray(cursor, of, hashes);
    else if (!readScalar(cursor, { tag, end, key }, hashes)) {
      cursor.skip(tag, end);
    }
  }
}

function readArray(
  cursor: WireCursor,
  { end, key }: { readonly end: number; readonly key: number },
  hashes: number[],
): void {
  const arrayEnd = cursor.payload(end);
  while (cursor.at < arrayEnd) {
    const tag = cursor.tag(arrayEnd);
    if (tag !== ARRAY_VALUES) {
      cursor.skip(tag, arrayEnd);
      continue;
    }
    const itemEnd = cursor.payload(arrayEnd);
    while (cursor.at < itemEnd) {
      const field = { tag: cursor.tag(itemEnd), end: itemEnd, key };
      // What is in an array of arrays equals nothing that can be asked for.
      if (!readScalar(cursor, field, hashes)) cursor.skip(field.tag, itemEnd);
    }
  }
}

/** Whether the field was one, and is read. */
function readScalar(
  cursor: WireCursor,
  field: { readonly tag: number; readonly end: number; readonly key: number },
  hashes: number[],
): boolean {
  const { tag, end, key } = field;
  switch (tag) {
    case STRING: {
      const to = cursor.payload(end);
      hashes.push(textHash(key, { bytes: cursor.bytes, from: cursor.at, to }));
      cursor.at = to;
      return true;
    }
    case BOOL:
      hashes.push(booleanHash(key, cursor.bool(end)));
      return true;
    case INT:
      cursor.int64(end);
      hashes.push(integerHash(key, cursor));
      return true;
    case DOUBLE:
      hashes.push(
        numberHash(key, cursor.view.getFloat64(cursor.fixed(8, end), true)),
      );
      return true;
    default:
      return false;
  }
}
