import type { SeededRandom } from "../../src/local/seeded_random.ts";

const SPACES = ["", "", "", " ", "\n", "\t\r\n", "   "];
const INTEGER = /^(?:0|-?[1-9]\d*)$/;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "/": "\\/",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/**
 * Writes a value as JSON in one of the many ways to write it: white space,
 * escapes, the order of fields, fields that nobody knows or that come twice, and
 * 64-bit integers as strings or numbers are random.
 */
export function writeJson(value: unknown, random: SeededRandom): string {
  return new Writer(random).value(value);
}

class Writer {
  readonly #random: SeededRandom;
  // Some bodies hardly escape, some do little else.
  readonly #escapes: number;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#escapes = random.chance(0.5) ? 0.02 : random.fraction();
  }

  value(value: unknown): string {
    return this.#space() + this.#bare(value) + this.#space();
  }

  #bare(value: unknown): string {
    if (typeof value === "string") return this.#string(value);
    if (Array.isArray(value)) {
      return `[${value.map((item) => this.value(item)).join(",")}${
        value.length === 0 ? this.#space() : ""
      }]`;
    }
    if (typeof value === "object" && value !== null) return this.#object(value);
    return JSON.stringify(value);
  }

  #object(value: object): string {
    const fields = this.#random.shuffled(Object.entries(value));
    const written = fields.flatMap((field) => this.#field(field));
    if (this.#random.chance(0.05)) written.push(this.#unknown());
    return `{${written.join(",")}${written.length === 0 ? this.#space() : ""}}`;
  }

  // A field that comes twice: a list in two parts, of all else the last counts.
  #field([key, value]: [string, unknown]): string[] {
    if (!this.#random.chance(0.05)) return [this.#pair(key, value)];
    if (Array.isArray(value)) {
      const half = this.#random.below(value.length + 1);
      return [
        this.#pair(key, value.slice(0, half)),
        this.#pair(key, value.slice(half)),
      ];
    }
    if (typeof value === "object" && value !== null) {
      return [this.#pair(key, null), this.#pair(key, value)];
    }
    return [this.#pair(key, [{}]), this.#pair(key, value)];
  }

  #unknown(): string {
    return this.#pair("unknown", [{ key: 1.5e-7, a: [[], {}, true] }, null]);
  }

  #pair(key: string, value: unknown): string {
    const name = `${this.#space()}${this.#string(key)}${this.#space()}`;
    const isLong = key.endsWith("UnixNano") || key === "intValue";
    const isInteger = isLong && typeof value === "string" &&
      INTEGER.test(value);
    return isInteger && this.#random.chance(0.5)
      ? `${name}:${value}`
      : `${name}:${this.value(value)}`;
  }

  #string(text: string): string {
    let written = "";
    for (const character of text) {
      const escapes = this.#random.chance(this.#escapes);
      written += escapes
        ? this.#escaped(character)
        : JSON.stringify(character).slice(1, -1);
    }
    return `"${written}"`;
  }

  #escaped(character: string): string {
    const short = SHORT_ESCAPES[character];
    if (short !== undefined && this.#random.chance(0.5)) return short;
    return character.split("").map((unit) => {
      const hex = unit.charCodeAt(0).toString(16).padStart(4, "0");
      return `\\u${this.#random.chance(0.5) ? hex : hex.toUpperCase()}`;
    }).join("");
  }

  #space(): string {
    return SPACES[this.#random.below(SPACES.length)] ?? "";
  }
}
