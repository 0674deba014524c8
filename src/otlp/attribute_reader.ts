import type { WantedKeys } from "./wanted_keys.ts";
import type { MessageWalker } from "./message_walker.ts";
import type { TextCache } from "./text_cache.ts";
import { MAX_VALUE_CHARS } from "./text_limits.ts";
import type { WireCursor } from "./wire_cursor.ts";

/** Fields of KeyValue and AnyValue, as tags: number times 8 plus wire type. */
const KEY = 10;
const VALUE = 18;
const STRING_VALUE = 10;
const BOOL_VALUE = 16;
const INT_VALUE = 24;
const DOUBLE_VALUE = 33;
const ARRAY_VALUE = 42;
const KVLIST_VALUE = 50;
const BYTES_VALUE = 58;

const NOT_TEXT = 0;
const TEXT = 1;
const BOOL = 2;
const INT = 3;
const DOUBLE = 4;

const TWO_POW_32 = 2 ** 32;

/**
 * Reads one attribute (a KeyValue) at a time. Strings are made of its key and
 * value only when they are asked for.
 */
export class AttributeReader {
  readonly #cursor: WireCursor;
  readonly #walker: MessageWalker;
  readonly #texts: TextCache;
  #keyAt = 0;
  #keyLength = 0;
  #type = NOT_TEXT;
  #at = 0;
  #length = 0;
  #high = 0;
  #low = 0;

  constructor(cursor: WireCursor, walker: MessageWalker, texts: TextCache) {
    this.#cursor = cursor;
    this.#walker = walker;
    this.#texts = texts;
  }

  /**
   * Reads the attribute that ends at `end`.
   *
   * @param depth How many messages it stands in.
   */
  read(end: number, depth: number): void {
    const cursor = this.#cursor;
    this.#keyLength = 0;
    this.#type = NOT_TEXT;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      if (tag === KEY) {
        const keyEnd = cursor.payload(end);
        this.#keyAt = cursor.at;
        this.#keyLength = keyEnd - cursor.at;
        cursor.at = keyEnd;
      } else if (tag === VALUE) this.#readValue(cursor.payload(end), depth + 1);
      else cursor.skip(tag, end);
    }
  }

  /** What its key stands for, if that is wanted. */
  field<Field extends string>(keys: WantedKeys<Field>): Field | undefined {
    return keys.find(this.#cursor.bytes, this.#keyAt, this.#keyLength);
  }

  /** The value as a string; null for none, an array, a list, or bytes. */
  value(): string | null {
    switch (this.#type) {
      case TEXT:
        return this.#texts.read(
          this.#cursor.view,
          this.#at,
          this.#length,
          MAX_VALUE_CHARS,
        );
      case BOOL:
        return this.#low === 0 ? "false" : "true";
      case INT:
        return int64Text(this.#high, this.#low);
      case DOUBLE:
        return String(this.#cursor.view.getFloat64(this.#at, true));
      default:
        return null;
    }
  }

  // A value that comes twice is one value: the kind that is set last counts.
  #readValue(end: number, depth: number): void {
    const cursor = this.#cursor;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      switch (tag) {
        case STRING_VALUE: {
          const textEnd = cursor.payload(end);
          this.#type = TEXT;
          this.#at = cursor.at;
          this.#length = textEnd - cursor.at;
          cursor.at = textEnd;
          break;
        }
        case BOOL_VALUE:
          this.#type = BOOL;
          this.#low = cursor.bool(end) ? 1 : 0;
          break;
        case INT_VALUE:
          this.#type = INT;
          cursor.int64(end);
          this.#high = cursor.high;
          this.#low = cursor.low;
          break;
        case DOUBLE_VALUE:
          this.#type = DOUBLE;
          this.#at = cursor.fixed(8, end);
          break;
        case ARRAY_VALUE:
          this.#type = NOT_TEXT;
          this.#walker.walk("ArrayValue", cursor.payload(end), depth + 1);
          break;
        case KVLIST_VALUE:
          this.#type = NOT_TEXT;
          this.#walker.walk("KeyValueList", cursor.payload(end), depth + 1);
          break;
        case BYTES_VALUE:
          this.#type = NOT_TEXT;
          cursor.skip(tag, end);
          break;
        default:
          cursor.skip(tag, end);
      }
    }
  }
}

function int64Text(high: number, low: number): string {
  const value = high * TWO_POW_32 + low;
  return Number.isSafeInteger(value)
    ? String(value)
    : String((BigInt(high) << 32n) | BigInt(low));
}
