import fc from "fast-check";
import { expect, test } from "vitest";
import {
  MAX_UNESCAPED_BYTES,
  unescaped,
} from "../../src/otlp/json_unescape.ts";

function unescapedText(within: string): string {
  const bytes = new TextEncoder().encode(`\\u${within}"x`);
  return new TextDecoder("utf-8", { ignoreBOM: true })
    .decode(unescaped(bytes, 2, bytes.length - 2));
}

const piece = fc.oneof(
  fc.constantFrom('\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"),
  fc.string({ unit: "grapheme", maxLength: 3 })
    .map((text) => text.replaceAll(/["\\\p{Cc}]/gu, "")),
  fc.nat({ max: 0xffff }).map(escapeOf),
  // Halves of surrogate pairs meet.
  fc.integer({ min: 0xd7ff, max: 0xe000 }).map(escapeOf),
);

function escapeOf(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

test("unescaped() gives what JSON.parse() does, with U+FFFD for halves of pairs", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const within = pieces.join("");
      const expected = String(JSON.parse(`"${within}"`)).toWellFormed();
      expect(unescapedText(within)).toBe(expected);
    }),
    { numRuns: 3000 },
  );
});

test("unescaped() stops after MAX_UNESCAPED_BYTES", () => {
  for (const extra of [0, 1, 100_000]) {
    const text = "\\n".repeat(MAX_UNESCAPED_BYTES + extra);
    expect(unescapedText(text)).toBe("\n".repeat(MAX_UNESCAPED_BYTES));
  }
  const odd = `a${"\\ud83d\\ude00".repeat(MAX_UNESCAPED_BYTES)}`;
  const bytes = new TextEncoder().encode(odd);
  expect(unescaped(bytes, 0, bytes.length).length)
    .toBe(MAX_UNESCAPED_BYTES + 1);
});
