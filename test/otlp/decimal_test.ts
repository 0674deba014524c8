import fc from "fast-check";
import { expect, test } from "vitest";
import {
  doubleTextOf,
  int64TextOf,
  type Uint64,
  uint64OfDigits,
  uint64OfNumber,
} from "../../src/otlp/decimal.ts";
import { rangeOf } from "./range_of.ts";

function bigintOf(parts: Uint64 | null): bigint | null {
  return parts && (BigInt(parts.high) << 32n) + BigInt(parts.low);
}

test("uint64OfDigits() and uint64OfNumber() split every unsigned 64-bit integer exactly", () => {
  const edges = [32n, 48n, 53n, 64n].flatMap((bits) => [
    2n ** bits - 2n,
    2n ** bits - 1n,
  ]);
  fc.assert(
    fc.property(
      fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.constantFrom(...edges)),
      fc.nat({ max: 2 }),
      (value, zeros) => {
        expect(bigintOf(uint64OfDigits(rangeOf(String(value))))).toBe(value);
        const padded = "0".repeat(zeros) + String(value);
        expect(bigintOf(uint64OfDigits(rangeOf(padded)))).toBe(
          padded.length <= 20 ? value : null,
        );
        const rounded = Number(value);
        expect(bigintOf(uint64OfNumber(rounded))).toBe(
          rounded < 2 ** 64 ? BigInt(rounded) : null,
        );
      },
    ),
  );
});

test.each([
  "18446744073709551616",
  "99999999999999999999",
  "",
  " 1",
  "-1",
  "+1",
  "1.0",
  "1e3",
  "0x1",
  "1/",
  "1:",
])("uint64OfDigits() takes %j for none", (text) => {
  expect(uint64OfDigits(rangeOf(text))).toBeNull();
});

test.each([-1, 0.5, NaN, Infinity, 2 ** 64])(
  "uint64OfNumber() takes %d for none",
  (value) => {
    expect(uint64OfNumber(value)).toBeNull();
  },
);

test("int64TextOf() gives every signed 64-bit integer its digits", () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
      expect(int64TextOf(String(value))).toBe(String(value));
    }),
  );
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(int64TextOf(value)).toBe(String(value));
    }),
  );
  expect(int64TextOf("-0")).toBe("0");
});

test.each([
  "9223372036854775808",
  "-9223372036854775809",
  "",
  "-",
  "1.0",
  1.5,
  1e20,
  NaN,
])("int64TextOf() takes %j for none", (value) => {
  expect(int64TextOf(value)).toBeNull();
});

test("doubleTextOf() prints numbers as String() does, in strings too", () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(doubleTextOf(value)).toBe(String(value));
      expect(doubleTextOf(String(value))).toBe(String(value));
    }),
  );
  for (const value of ["", " ", "0x10", "1_000", "infinity"]) {
    expect(doubleTextOf(value)).toBeNull();
  }
});
