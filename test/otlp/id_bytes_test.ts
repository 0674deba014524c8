import fc from "fast-check";
import { expect, test } from "vitest";
import { IdBytes, isHex } from "../../src/otlp/id_bytes.ts";
import { hex, hexAt } from "./plain_batch.ts";
import { rangeOf } from "./range_of.ts";

test("IdBytes.add() keeps every id, however many", () => {
  const ids = new IdBytes();
  const kept: [at: number, hex: string][] = [];
  const id = fc.constantFrom(8, 16).chain((size) =>
    fc.uint8Array({ minLength: size, maxLength: size })
  );
  for (const bytes of fc.sample(id, 3000)) {
    const text = hex(bytes);
    const upper = kept.length % 2 === 0 ? text : text.toUpperCase();
    const at = ids.add(rangeOf(upper), bytes.length);
    if (bytes.every((byte) => byte === 0)) expect(at).toBe(-1);
    else kept.push([at, text]);
  }
  const all = ids.finish();
  for (const [at, text] of kept) {
    expect(hexAt(all, at, text.length / 2)).toBe(text);
  }
  expect(all.length).toBe(kept.reduce((sum, [, t]) => sum + t.length / 2, 0));
});

test.each([
  "",
  "0".repeat(16),
  "1".repeat(15),
  "1".repeat(17),
  `${"1".repeat(15)}g`,
  `${"1".repeat(15)}:`,
  `${"1".repeat(15)}@`,
  `${"1".repeat(15)}é`,
  `${"1".repeat(14)}😀`,
])("IdBytes.add() adds nothing for %j", (text) => {
  const ids = new IdBytes();
  expect(ids.add(rangeOf(text), 8)).toBe(-1);
  expect(ids.finish().length).toBe(0);
});

test.each<[string, boolean]>([
  ["", true],
  ["09afAF", true],
  ["abc", false],
  ["0g", false],
  ["é", false],
])("isHex() of %j is %j", (text, answer) => {
  expect(isHex(rangeOf(text))).toBe(answer);
});
