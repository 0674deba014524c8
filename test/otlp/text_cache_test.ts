import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CACHED_TEXTS,
  MAX_CACHED_BYTES,
  TextCache,
} from "../../src/otlp/text_cache.ts";
import { concat } from "./wire.ts";

const MAX_CHARS = 256;

function readAll(cache: TextCache, texts: readonly Uint8Array[]): string[] {
  // At odd offsets, with bytes before and after.
  const bytes = concat([Uint8Array.of(1), ...texts, Uint8Array.of(1)]);
  const view = new DataView(bytes.buffer, 0, bytes.length - 1);
  let at = 1;
  return texts.map((text) => {
    const read = cache.read(view, at, text.length, MAX_CHARS);
    at += text.length;
    return read;
  });
}

test("TextCache.read() gives what TextDecoder does, for texts that come again and others", () => {
  const cache = new TextCache();
  const text = fc.oneof(
    fc.string({ maxLength: MAX_CACHED_BYTES + 2 }),
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 6 }),
  ).map((content) => new TextEncoder().encode(content));
  const broken = fc.uint8Array({ maxLength: MAX_CACHED_BYTES + 2 });
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  fc.assert(
    fc.property(fc.array(fc.oneof(text, broken)), (texts) => {
      const expected = texts.map((bytes) => decoder.decode(bytes));
      expect(readAll(cache, [...texts, ...texts]))
        .toEqual([...expected, ...expected]);
    }),
    { numRuns: 300 },
  );
});

test("TextCache.read() tells texts apart that differ in any one byte", () => {
  const cache = new TextCache();
  for (
    const length of [1, 3, 4, 5, 31, MAX_CACHED_BYTES, MAX_CACHED_BYTES + 1]
  ) {
    for (let at = 0; at < length; at++) {
      const [one, other] = ["a", "b"].map((letter) =>
        "x".repeat(at) + letter + "x".repeat(length - at - 1)
      );
      const bytes = [one, other, one].map((text) =>
        new TextEncoder().encode(text)
      );
      expect(readAll(cache, bytes)).toEqual([one, other, one]);
    }
  }
});

test("TextCache.read() gives the right text however many it has seen", () => {
  const cache = new TextCache();
  const texts = Array.from(
    { length: 4 * CACHED_TEXTS },
    (_, index) => `GET /products/${index}`,
  );
  const bytes = texts.map((text) => new TextEncoder().encode(text));
  expect(readAll(cache, bytes)).toEqual(texts);
  expect(readAll(cache, bytes)).toEqual(texts);
});

test("TextCache.read() cuts a text that it could keep", () => {
  const bytes = new TextEncoder().encode("checkout");
  const view = new DataView(bytes.buffer);
  const cache = new TextCache();
  expect(cache.read(view, 0, bytes.length, 5)).toBe("check");
  expect(cache.read(view, 0, bytes.length, 8)).toBe("checkout");
  expect(cache.read(view, 0, bytes.length, 5)).toBe("check");
});
