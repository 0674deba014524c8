import type { ByteRange } from "./byte_range.ts";
import {
  doubleTextOf,
  int64TextOf,
  type Uint64,
  uint64OfDigits,
  uint64OfNumber,
} from "./decimal.ts";
import type { JsonCursor } from "./json_cursor.ts";
import { JsonTypeFault } from "./json_fault.ts";
import { unescaped } from "./json_unescape.ts";
import { TEXTS } from "./text_cache.ts";
import type { WantedKeys } from "./wanted_keys.ts";

const ABSENT = 0;
const STRING = 1;
const NUMBER = 2;
const TRUE = 3;
const FALSE = 4;
const ARRAY = 5;
const OBJECT = 6;

const NO_BYTES = new Uint8Array();
const NO_VIEW = new DataView(NO_BYTES.buffer);
const NO_TIME: Uint64 = { high: 0, low: 0 };
const ZERO = 0x30;

/** A number that is not written as an integer, though it may be one. */
const WITH_FRACTION = /[.eE]/;

/** Longest piece of a value that a message shows, UTF-16 units. */
const MAX_SHOWN_CHARS = 40;

/**
 * A value of JSON that should be a scalar: it is stepped over, and turned into
 * what is wanted when that is asked for, which is when its type is checked.
 * One that was not read, or is null, is as good as "" or 0. Of one that comes
 * twice the last counts.
 */
export class JsonScalar implements ByteRange {
  /** Where the digits of a number are, or the bytes within a string's quotes. */
  source: Uint8Array = NO_BYTES;
  from = 0;
  to = 0;
  #view: DataView = NO_VIEW;
  #type = ABSENT;
  // Where the value starts in the body.
  #at = 0;

  /** Makes it one that was not read. */
  clear(): void {
    this.#type = ABSENT;
    this.from = 0;
    this.to = 0;
  }

  /** Whether there is one that is not null. */
  isThere(): boolean {
    return this.#type !== ABSENT;
  }

  /** Steps over the value that comes next, and remembers it. */
  read(cursor: JsonCursor): void {
    const first = cursor.peek();
    const { at } = cursor;
    this.#at = at;
    if (first !== 0x22) {
      cursor.skip();
      this.#type = typeOf(first);
      this.#set(cursor, at, this.#type === NUMBER ? cursor.at : at);
      return;
    }
    this.#type = STRING;
    if (!cursor.string()) this.#set(cursor, at + 1, cursor.at - 1);
    else {
      this.source = unescaped(cursor.bytes, at + 1, cursor.at - 1);
      this.#view = new DataView(this.source.buffer);
      this.from = 0;
      this.to = this.source.length;
    }
  }

  #set({ bytes, view }: JsonCursor, from: number, to: number): void {
    this.source = bytes;
    this.#view = view;
    this.from = from;
    this.to = to;
  }

  /** A string, cut to `maxChars` UTF-16 units. */
  text(maxChars: number): string {
    this.mustBeString();
    return this.#text(maxChars);
  }

  /** What a string stands for, if that is wanted. */
  field<Field extends string>(keys: WantedKeys<Field>): Field | undefined {
    this.mustBeString();
    return keys.find(this.source, this.from, this.to - this.from);
  }

  /** @throws {JsonTypeFault} Where it is anything else. */
  mustBeString(): void {
    if (this.#type !== STRING && this.#type !== ABSENT) {
      throw this.#fault("a string");
    }
  }

  /** An unsigned 64-bit integer, as a number or a string. */
  uint64(): Uint64 {
    if (this.#type === ABSENT) return NO_TIME;
    const value = this.#type === STRING || this.#type === NUMBER
      ? uint64OfDigits(this) ??
        (this.#type === NUMBER ? uint64OfNumber(this.#number()) : null)
      : null;
    if (value === null) throw this.#fault("an unsigned 64-bit integer");
    return value;
  }

  /** A signed 64-bit integer, as a number or a string; its digits. */
  int64Text(): string {
    const digits = this.#numeric();
    const text = digits === null ? null : int64TextOf(digits) ??
      (WITH_FRACTION.test(digits) && this.#type === NUMBER
        ? int64TextOf(Number(digits))
        : null);
    if (text === null) throw this.#fault("a 64-bit integer");
    return text;
  }

  /** A double, as a number or a string; as `String` prints it. */
  doubleText(): string {
    const digits = this.#numeric();
    const text = digits === null ? null : doubleTextOf(digits);
    if (text === null) throw this.#fault("a number");
    return text;
  }

  /** "true" or "false". */
  boolText(): string {
    if (this.#type === TRUE) return "true";
    if (this.#type === FALSE) return "false";
    throw this.#fault("a boolean");
  }

  /** What an enum's number, or its name, stands for. */
  enumOf<T>(ways: {
    readonly number: (value: number) => T;
    readonly name: (name: string) => T;
  }): T {
    switch (this.#type) {
      case ABSENT:
        return ways.number(0);
      case NUMBER:
        return ways.number(this.#number());
      case STRING:
        return ways.name(this.#text(MAX_ENUM_CHARS));
      default:
        throw this.#fault("a number or a name");
    }
  }

  /** What it is, for a message. */
  shown(): string {
    switch (this.#type) {
      case ARRAY:
        return "an array";
      case OBJECT:
        return "an object";
      case STRING:
        return shortened(JSON.stringify(this.#text(MAX_SHOWN_CHARS + 1)));
      case NUMBER:
        return shortened(this.#text(MAX_SHOWN_CHARS + 1));
      case TRUE:
        return "true";
      case FALSE:
        return "false";
      default:
        return "null";
    }
  }

  #number(): number {
    const digit = (this.source[this.from] ?? 0) - ZERO;
    return this.to - this.from === 1 ? digit : Number(this.#text(Infinity));
  }

  #numeric(): string | null {
    return this.#type === STRING || this.#type === NUMBER
      ? this.#text(Infinity)
      : null;
  }

  #text(maxChars: number): string {
    return TEXTS.read(this.#view, this.from, this.to - this.from, maxChars);
  }

  #fault(expected: string): JsonTypeFault {
    return new JsonTypeFault(this.#at, expected);
  }
}

/** More than any name of an enum has. */
const MAX_ENUM_CHARS = 64;

function typeOf(first: number): number {
  switch (first) {
    case 0x7b:
      return OBJECT;
    case 0x5b:
      return ARRAY;
    case 0x74:
      return TRUE;
    case 0x66:
      return FALSE;
    case 0x6e:
      return ABSENT;
    default:
      return NUMBER;
  }
}

function shortened(text: string): string {
  return text.length <= MAX_SHOWN_CHARS
    ? text
    : `${text.slice(0, MAX_SHOWN_CHARS)}…`;
}
