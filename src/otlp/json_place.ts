/** Why a JSON value is not an OTLP request; caught where reading began. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
}

/** An object of parsed JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

const MAX_SHOWN_CHARS = 40;

/**
 * Steps into parsed JSON, checks the types on the way, and knows the path to
 * where it is. `null` and `undefined` are as good as nothing everywhere.
 */
export class JsonPlace {
  readonly #steps: (string | number)[] = [];

  /** Reads each object of the array that the field `key` holds. */
  each(key: string, value: unknown, read: (item: JsonObject) => void): void {
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) throw this.fault(key, "an array", value);
    const items: readonly unknown[] = value;
    this.#steps.push(key);
    for (let index = 0; index < items.length; index++) {
      const item = items[index];
      if (!isObject(item)) throw this.fault(index, "an object", item);
      this.#steps.push(index);
      read(item);
      this.#steps.pop();
    }
    this.#steps.pop();
  }

  /** Reads the object that the field `key` holds; null where there is none. */
  object<T>(
    key: string,
    value: unknown,
    read: (item: JsonObject) => T,
  ): T | null {
    if (value === undefined || value === null) return null;
    if (!isObject(value)) throw this.fault(key, "an object", value);
    this.#steps.push(key);
    const result = read(value);
    this.#steps.pop();
    return result;
  }

  /** The string that the field `key` holds; "" where there is none. */
  string(key: string, value: unknown): string {
    if (typeof value === "string") return value;
    if (value === undefined || value === null) return "";
    throw this.fault(key, "a string", value);
  }

  /** What is wrong with the value of the field (or at the index) `key`. */
  fault(key: string | number, expected: string, value: unknown): JsonFault {
    const path = [...this.#steps, key].map((step, index) =>
      typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`
    ).join("");
    return new JsonFault(`${path} is not ${expected} but ${shown(value)}`);
  }
}

/** Whether a value of parsed JSON is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value of parsed JSON, for a message. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  const text = JSON.stringify(value);
  return text.length <= MAX_SHOWN_CHARS
    ? text
    : `${text.slice(0, MAX_SHOWN_CHARS)}…`;
}
