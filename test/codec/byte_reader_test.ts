import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "../../src/codec/byte_reader.ts";
import { ByteWriter } from "../../src/codec/byte_writer.ts";
import { MAX_PACKED_BITS } from "../../src/codec/packed_column.ts";

test("ByteReader reads every text that a ByteWriter wrote, a byte order mark at its start included", () => {
  const text = fc.oneof(
    fc.constantFrom("", "\ufeff", "\ufeffbom", "\u0000", "😀"),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      const writer = new ByteWriter();
      for (const one of texts) writer.string(one);
      const reader = new ByteReader(writer.finish());
      expect(texts.map(() => reader.string())).toEqual(texts);
      expect(reader.done).toBe(true);
    }),
  );
});

test("ByteReader.signedColumn() reads what signed() reads, one by one", () => {
  const value = fc.oneof(
    fc.integer({ min: -70, max: 70 }),
    fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 50 }), (values) => {
      const writer = new ByteWriter();
      for (const one of values) writer.signed(one);
      const into = new Float64Array(60).fill(7);
      const reader = new ByteReader(writer.finish());
      reader.signedColumn(into, values.length);
      expect([...into]).toEqual([
        ...values,
        ...new Array<number>(60 - values.length).fill(7),
      ]);
      expect(reader.done).toBe(true);
      expect(() => reader.signedColumn(into, 1)).toThrow(RangeError);
    }),
  );
});

function packed(values: readonly number[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.packedColumn(values);
  return writer.finish();
}

function unpacked(bytes: Uint8Array, count: number): number[] {
  const into = new Float64Array(count);
  const reader = new ByteReader(bytes);
  reader.packedColumn(into, count);
  expect(reader.done).toBe(true);
  return [...into];
}

test("ByteReader.packedColumn() reads what packedColumn() wrote, in as few bits as fit", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 51), max: 2 ** 50 }),
      fc.nat(MAX_PACKED_BITS),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
      (least, bits, shares) => {
        const values = [
          least,
          ...shares.map((share) => least + Math.floor(share * (2 ** bits - 1))),
        ];
        const bytes = packed(values);
        expect(unpacked(bytes, values.length)).toEqual(values);
        expect(bytes.length)
          .toBeLessThanOrEqual(1 + 8 + Math.ceil(values.length * bits / 8));
      },
    ),
  );
});

test("ByteReader.packedColumn() reads floats of 32 bits, NaN and infinities among them", () => {
  const float = fc.float({ noDefaultInfinity: false });
  fc.assert(fc.property(fc.array(float), (values) => {
    expect(unpacked(packed(values), values.length))
      .toEqual(
        values.map((value) => Object.is(value, -0) ? expect.anything() : value),
      );
  }));
});

test("ByteWriter.packedColumn() packs MAX_PACKED_BITS, and one more as floats", () => {
  const most = 2 ** MAX_PACKED_BITS - 1;
  expect(packed([0, most]).length).toBe(1 + 1 + 2 * MAX_PACKED_BITS / 8);
  expect(unpacked(packed([0, most]), 2)).toEqual([0, most]);
  expect(packed([0, most + 1]).length).toBe(1 + 2 * 4);
  expect(unpacked(packed([0, most + 1]), 2)).toEqual([0, most + 1]);
});

test("ByteReader.packedColumn() refuses what is cut off, and what is no column", () => {
  for (const values of [[1, 2, 300], [0.5, 1], [7]]) {
    const bytes = packed(values);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => unpacked(bytes.subarray(0, length), values.length))
        .toThrow(RangeError);
    }
  }
  expect(() => unpacked(Uint8Array.of(25, 0, 0, 0, 0, 0), 1))
    .toThrow("a column of 25 bits");
});
