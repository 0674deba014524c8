import fc from "fast-check";
import { expect, test } from "vitest";
import { doubleTextOf, int64TextOf, uint64Of } from "../../src/otlp/decimal.ts";

function bigintOf(value: unknown): bigint | null {
  const parts = uint64Of(value);
  return parts && (BigInt(parts.high) << 32n) + BigInt(parts.low);
}

test("uint64Of() splits every unsigned 64-bit integer exactly", () => {
  const edges = [32n, 48n, 53n, 64n].flatMap((bits) => [
    2n ** bits - 2n,
    2n ** bits - 1n,
  ]);
  fc.assert(
    fc.property(
      fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.constantFrom(...edges)),
      fc.nat({ max: 2 }),
      (value, zeros) => {
        expect(bigintOf(String(value))).toBe(value);
        const padded = "0".repeat(zeros) + String(value);
        expect(bigintOf(padded)).toBe(padded.length <= 20 ? value : null);
        const rounded = Number(value);
        expect(bigintOf(rounded)).toBe(
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
  -1,
  0.5,
  NaN,
  Infinity,
  2 ** 64,
  true,
  {},
])("uint64Of() takes %j for none", (value) => {
  expect(uint64Of(value)).toBeNull();
});

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
  null,
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
  for (const value of ["", " ", "0x10", "1_000", "infinity", false, []]) {
    expect(doubleTextOf(value)).toBeNull();
  }
});
