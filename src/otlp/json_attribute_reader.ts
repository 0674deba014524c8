import type { JsonCursor } from "./json_cursor.ts";
import { JsonScalar } from "./json_scalar.ts";
import { MAX_VALUE_CHARS } from "./text_limits.ts";
import { wantedFields, type WantedKeys } from "./wanted_keys.ts";

const KEY_VALUE = wantedFields(["key", "value"]);
const ANY_VALUE = wantedFields([
  "stringValue",
  "boolValue",
  "intValue",
  "doubleValue",
]);

/**
 * Reads one attribute (a KeyValue) at a time. Its value, which may be anything
 * where the key is not wanted, is read only when it is asked for.
 */
export class JsonAttributeReader {
  readonly #cursor: JsonCursor;
  readonly #key = new JsonScalar();
  readonly #string = new JsonScalar();
  readonly #bool = new JsonScalar();
  readonly #int = new JsonScalar();
  readonly #double = new JsonScalar();
  // Where its values start: one that comes twice is merged.
  readonly #values: number[] = [];

  constructor(cursor: JsonCursor) {
    this.#cursor = cursor;
  }

  /** Reads the attribute that comes next. */
  read(): void {
    const cursor = this.#cursor;
    this.#key.clear();
    this.#values.length = 0;
    for (let more = cursor.enterItem(); more; more = cursor.nextField()) {
      const field = cursor.field(KEY_VALUE);
      if (field === "key") {
        this.#key.read(cursor);
        continue;
      }
      if (field === "value") this.#values.push(cursor.at);
      cursor.skip();
    }
    this.#key.mustBeString();
  }

  /** What its key stands for, if that is wanted. */
  field<Field extends string>(keys: WantedKeys<Field>): Field | undefined {
    return this.#key.field(keys);
  }

  /** The value as a string; null for none, an array, a list, or bytes. */
  value(): string | null {
    this.#string.clear();
    this.#bool.clear();
    this.#int.clear();
    this.#double.clear();
    const { at } = this.#cursor;
    for (const valueAt of this.#values) {
      this.#cursor.at = valueAt;
      this.#readValue();
    }
    this.#cursor.at = at;
    if (this.#string.isThere()) return this.#string.text(MAX_VALUE_CHARS);
    if (this.#bool.isThere()) return this.#bool.boolText();
    if (this.#int.isThere()) return this.#int.int64Text();
    if (this.#double.isThere()) return this.#double.doubleText();
    return null;
  }

  #readValue(): void {
    const cursor = this.#cursor;
    for (let more = cursor.enterObject(); more; more = cursor.nextField()) {
      switch (cursor.field(ANY_VALUE)) {
        case "stringValue":
          this.#string.read(cursor);
          break;
        case "boolValue":
          this.#bool.read(cursor);
          break;
        case "intValue":
          this.#int.read(cursor);
          break;
        case "doubleValue":
          this.#double.read(cursor);
          break;
        case undefined:
          cursor.skip();
      }
    }
  }
}
