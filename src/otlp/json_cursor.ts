import {
  JsonDepthFault,
  JsonSyntaxFault,
  JsonTypeFault,
} from "./json_fault.ts";
import { unescaped } from "./json_unescape.ts";
import type { WantedKeys } from "./wanted_keys.ts";

/**
 * How deep arrays and objects may stand in each other; the request itself is at
 * 1. What protobuf takes within `MAX_MESSAGE_DEPTH` fits in: an array in a
 * value makes 2 levels of messages there, and 3 here.
 */
export const MAX_JSON_DEPTH = 200;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

const ENCODER = new TextEncoder();
const TRUE = ENCODER.encode("true");
const FALSE = ENCODER.encode("false");
const NULL = ENCODER.encode("null");
const ESCAPES = new Set(ENCODER.encode('"\\/bfnrt'));

/**
 * Reads JSON from its bytes, without an object for a value: it steps through
 * fields and items, and over whatever is not wanted. Everything it passes is
 * checked to be JSON; where it is not, each method throws a
 * {@linkcode JsonSyntaxFault}, or a {@linkcode JsonDepthFault} where it is
 * nested too deep. Strings may hold any bytes that are not ASCII.
 *
 * `first…` and `next…` give whether there is a field or an item, and leave the
 * cursor before its value, which has to be read or skipped before the next.
 *
 * Source: RFC 8259.
 *
 * @example Adding up what an array holds
 * ```ts
 * import { JsonCursor } from "../src/otlp/json_cursor.ts";
 *
 * const cursor = new JsonCursor(new TextEncoder().encode("[[1, 2], {}, 3]"));
 * let items = 0;
 * for (let more = cursor.enterArray(); more; more = cursor.nextItem()) {
 *   cursor.skip();
 *   items++;
 * }
 * cursor.end();
 * expect(items).toBe(3);
 * ```
 */
export class JsonCursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset of the next byte. */
  at = 0;
  // The last field's key, within its quotes.
  #keyAt = 0;
  #keyEnd = 0;
  #keyHasEscapes = false;
  #depth = 0;
  // What encloses the place, from the outermost on: 1 for an object.
  readonly #isObject = new Uint8Array(MAX_JSON_DEPTH);

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    if (hasMark) this.at = 3;
  }

  /** The next byte that is no white space; 0 at the end. */
  peek(): number {
    const byte = this.bytes[this.at] ?? 0;
    // Apart, for what is small is inlined.
    return byte > SPACE ? byte : this.#spaceEnd();
  }

  /** Steps into an array, which may be null: that is as good as empty. */
  enterArray(): boolean {
    const first = this.peek();
    if (first === OPEN_BRACKET) return this.firstItem();
    return this.#stepOverNull(first, "an array");
  }

  /** Steps into an object, which may be null: that is as good as empty. */
  enterObject(): boolean {
    const first = this.peek();
    if (first === OPEN_BRACE) return this.firstField();
    return this.#stepOverNull(first, "an object");
  }

  /** Steps into an object. */
  enterItem(): boolean {
    if (this.peek() === OPEN_BRACE) return this.firstField();
    const { at } = this;
    this.skip();
    throw new JsonTypeFault(at, "an object");
  }

  /** Steps into the object whose brace is the next byte. */
  firstField(): boolean {
    this.#open(1);
    if (this.peek() === CLOSE_BRACE) return this.#close();
    this.#key('a key or "}"');
    return true;
  }

  /** Steps to the object's next field, or out of it. */
  nextField(): boolean {
    const byte = this.peek();
    if (byte === COMMA) {
      this.at++;
      this.peek();
      this.#key("a key");
      return true;
    }
    if (byte === CLOSE_BRACE) return this.#close();
    throw new JsonSyntaxFault(this.at, '"," or "}"');
  }

  /** Steps into the array whose bracket is the next byte. */
  firstItem(): boolean {
    this.#open(0);
    return this.peek() === CLOSE_BRACKET ? this.#close() : true;
  }

  /** Steps to the array's next item, or out of it. */
  nextItem(): boolean {
    const byte = this.peek();
    if (byte === COMMA) {
      this.at++;
      return true;
    }
    if (byte === CLOSE_BRACKET) return this.#close();
    throw new JsonSyntaxFault(this.at, '"," or "]"');
  }

  /** What the last field's key stands for, if that is wanted. */
  field<Field extends string>(fields: WantedKeys<Field>): Field | undefined {
    if (!this.#keyHasEscapes) {
      return fields.find(this.bytes, this.#keyAt, this.#keyEnd - this.#keyAt);
    }
    const key = unescaped(this.bytes, this.#keyAt, this.#keyEnd);
    return fields.find(key, 0, key.length);
  }

  /** Where the last field's key stands, with its quotes. */
  key(): { readonly at: number; readonly end: number } {
    return { at: this.#keyAt - 1, end: this.#keyEnd + 1 };
  }

  /** Steps over a value with all that is in it. */
  skip(): void {
    const around = this.#depth;
    let isValue = true;
    do {
      if (isValue) isValue = this.#startValue();
      else if (this.#isObject[this.#depth - 1] === 1) {
        isValue = this.nextField();
      } else isValue = this.nextItem();
    } while (isValue || this.#depth > around);
  }

  /** Steps over the string whose quote is the next byte; whether it escapes. */
  string(): boolean {
    const { bytes } = this;
    let at = this.at + 1;
    let hasEscapes = false;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (byte > BACKSLASH) at++;
      else if (byte === QUOTE) break;
      else if (byte === BACKSLASH) {
        hasEscapes = true;
        at = this.#escapeEnd(at + 1);
      } else if (byte >= SPACE) at++;
      else throw new JsonSyntaxFault(at, "the rest of a string");
    }
    this.at = at + 1;
    return hasEscapes;
  }

  /** Steps over white space up to the end. */
  end(): void {
    this.peek();
    if (this.at < this.bytes.length) {
      throw new JsonSyntaxFault(this.at, "its end");
    }
  }

  #spaceEnd(): number {
    let byte = this.bytes[this.at] ?? 0;
    while (isSpace(byte)) byte = this.bytes[++this.at] ?? 0;
    return byte;
  }

  // Whether a value follows: the first of an array or object that it opens.
  #startValue(): boolean {
    const first = this.peek();
    switch (first) {
      case QUOTE:
        this.string();
        return false;
      case OPEN_BRACE:
        return this.firstField();
      case OPEN_BRACKET:
        return this.firstItem();
      case LOWER_T:
        return this.#literal(TRUE);
      case LOWER_F:
        return this.#literal(FALSE);
      case LOWER_N:
        return this.#literal(NULL);
      default:
        this.#number(first);
        return false;
    }
  }

  #stepOverNull(first: number, expected: string): false {
    const { at } = this;
    this.skip();
    if (first !== LOWER_N) throw new JsonTypeFault(at, expected);
    return false;
  }

  #open(isObject: 0 | 1): void {
    if (this.#depth === MAX_JSON_DEPTH) throw new JsonDepthFault(this.at);
    this.#isObject[this.#depth++] = isObject;
    this.at++;
  }

  #close(): false {
    this.#depth--;
    this.at++;
    return false;
  }

  #key(expected: string): void {
    const { at } = this;
    if (this.bytes[at] !== QUOTE) throw new JsonSyntaxFault(at, expected);
    this.#keyHasEscapes = this.string();
    this.#keyAt = at + 1;
    this.#keyEnd = this.at - 1;
    if (this.peek() !== COLON) throw new JsonSyntaxFault(this.at, '":"');
    this.at++;
  }

  #escapeEnd(at: number): number {
    const byte = this.bytes[at] ?? 0;
    if (byte !== LOWER_U) {
      if (ESCAPES.has(byte)) return at + 1;
      throw new JsonSyntaxFault(at, "an escape");
    }
    for (let digit = at + 1; digit < at + 5; digit++) {
      if (!isHexDigit(this.bytes[digit] ?? 0)) {
        throw new JsonSyntaxFault(digit, "a hexadecimal digit");
      }
    }
    return at + 5;
  }

  #literal(literal: Uint8Array): false {
    for (const byte of literal) {
      if (this.bytes[this.at] !== byte) {
        const text = new TextDecoder().decode(literal);
        throw new JsonSyntaxFault(this.at, `"${text}"`);
      }
      this.at++;
    }
    return false;
  }

  #number(first: number): void {
    const isDigit = first >= ZERO && first <= NINE;
    if (!isDigit && first !== MINUS) {
      throw new JsonSyntaxFault(this.at, "a value");
    }
    const { bytes } = this;
    if (first === MINUS) this.at++;
    // A leading zero stands alone.
    if (bytes[this.at] === ZERO) this.at++;
    else this.#digits();
    if (bytes[this.at] === POINT) {
      this.at++;
      this.#digits();
    }
    if (((bytes[this.at] ?? 0) | SPACE) === LOWER_E) {
      this.at++;
      const sign = bytes[this.at];
      if (sign === 0x2b || sign === MINUS) this.at++;
      this.#digits();
    }
  }

  #digits(): void {
    const start = this.at;
    let byte = this.bytes[this.at] ?? 0;
    while (byte >= ZERO && byte <= NINE) byte = this.bytes[++this.at] ?? 0;
    if (this.at === start) throw new JsonSyntaxFault(this.at, "a digit");
  }
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | SPACE;
  return byte >= ZERO && byte <= NINE || letter >= 0x61 && letter <= LOWER_F;
}
