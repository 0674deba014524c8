import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isKeyId,
  KEY_SECRET_LENGTH,
  keyDigest,
  keyId,
  makeKey,
  sameDigest,
} from "../../src/access/key_text.ts";

test("makeKey() has more than 128 bits of secret, every letter as likely", () => {
  expect(KEY_SECRET_LENGTH * Math.log2(62)).toBeGreaterThan(128);
  const counts = new Map<string, number>();
  for (let made = 0; made < 500; made++) {
    const { text } = makeKey((bytes) => crypto.getRandomValues(bytes));
    for (const letter of text.slice(4).replace("_", "")) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  expect(counts.size).toBe(62);
  // 419 each on average: seven standard deviations to either side.
  for (const count of counts.values()) {
    expect(Math.abs(count - 500 * 52 / 62)).toBeLessThan(150);
  }
});

test("makeKey() skips bytes that would favour the first letters", () => {
  let call = 0;
  const { text } = makeKey((bytes) => bytes.fill(call++ === 0 ? 248 : 61));
  expect(text).toBe(`tck_${"z".repeat(12)}_${"z".repeat(40)}`);
});

test.each([
  "",
  "tck_",
  "tck_abcdefghijkl",
  `tck_abcdefghijk_${"s".repeat(40)}`,
  `tck_abcdefghijkl_${"s".repeat(31)}`,
  `tck_abcdefghijkl_${"s".repeat(65)}`,
  `tck_abcdefghij-l_${"s".repeat(40)}`,
  `tck_abcdefghijkl_${"s".repeat(40)}\n`,
  `xck_abcdefghijkl_${"s".repeat(40)}`,
])("keyId() finds none in %j", (text) => {
  expect(keyId(text)).toBe(null);
});

test("isKeyId() takes twelve letters or digits", () => {
  expect(isKeyId("abcdefghijkL")).toBe(true);
  expect(isKeyId("abcdefghijk")).toBe(false);
  expect(isKeyId("abcdefghijkl/")).toBe(false);
});

test("keyDigest() is SHA-256, as Node computes it", async () => {
  const digest = createHash("sha256").update("tck_ключ").digest("hex");
  expect(await keyDigest("tck_ключ")).toBe(digest);
});

test("sameDigest() is equality", () => {
  const hex = fc.array(fc.constantFrom("a", "b"), { maxLength: 5 })
    .map((letters) => letters.join(""));
  fc.assert(fc.property(hex, hex, (left, right) => {
    expect(sameDigest(left, right)).toBe(left === right);
  }));
});
