const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

const PIECE =
  /\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})|\\x([0-7][\da-fA-F])|\\([abfnrtv\\"])|[^\\]+/gsy;

/**
 * The text of a string as Go writes it: in double quotes with escapes, or in
 * backticks without any.
 *
 * @param source With its quotes.
 * @returns null where it has an escape that stands for nothing, or for a byte
 *   that is no character.
 *
 * @example
 * ```ts
 * import { quotedText } from "../src/search/quoted_text.ts";
 *
 * expect(quotedText('"GET \\"/\\u00e4\\""')).toBe('GET "/ä"');
 * expect(quotedText("`a\\b`")).toBe("a\\b");
 * ```
 */
export function quotedText(source: string): string | null {
  const inside = source.slice(1, -1);
  if (source.startsWith("`")) return inside;
  let text = "";
  let read = 0;
  for (const [piece, short, long, byte, simple] of inside.matchAll(PIECE)) {
    read += piece.length;
    const hex = short ?? long ?? byte;
    const character = hex !== undefined
      ? characterOf(Number.parseInt(hex, 16))
      : simple !== undefined
      ? SIMPLE[simple]
      : piece;
    if (character === undefined) return null;
    text += character;
  }
  return read === inside.length ? text : null;
}

function characterOf(codePoint: number): string | undefined {
  const exists = codePoint <= 0x10ffff &&
    (codePoint < 0xd800 || codePoint > 0xdfff);
  return exists ? String.fromCodePoint(codePoint) : undefined;
}

/**
 * A text as a string of Go, in double quotes.
 *
 * @example
 * ```ts
 * import { quoted } from "../src/search/quoted_text.ts";
 *
 * expect(quoted('GET "/"')).toBe('"GET \\"/\\""');
 * ```
 */
export function quoted(text: string): string {
  // JSON escapes what Go escapes, and its escapes are among those of Go.
  return JSON.stringify(text.toWellFormed());
}
