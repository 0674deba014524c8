import type { ByteReader } from "../codec/byte_reader.ts";
import type { ByteWriter } from "../codec/byte_writer.ts";

const MAX_UTF8_BYTES = 3;

/** Numbers strings as they come, so that each is written once. */
export class StringTable {
  readonly #numbers: Map<string, number> = new Map();
  #maxBytes = 0;

  /** At most how many bytes the strings take. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** The number of a string. */
  number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    this.#maxBytes += MAX_UTF8_BYTES * text.length + MAX_UTF8_BYTES;
    return number;
  }

  /** Appends all strings, in the order of their numbers. */
  write(to: ByteWriter): void {
    to.varint(this.#numbers.size);
    for (const text of this.#numbers.keys()) to.string(text);
  }
}

/** The strings that `StringTable.write` appended. */
export function readStrings(from: ByteReader): readonly string[] {
  return Array.from({ length: from.varint() }, () => from.string());
}

/**
 * The string of a number.
 *
 * @throws {RangeError} Where there is none: the bytes are not ours.
 */
export function stringAt(strings: readonly string[], number: number): string {
  const text = strings[number];
  if (text === undefined) {
    throw new RangeError(
      `Cannot find string ${number}: the table has ${strings.length}`,
    );
  }
  return text;
}
