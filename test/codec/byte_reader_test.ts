import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "../../src/codec/byte_reader.ts";
import { ByteWriter } from "../../src/codec/byte_writer.ts";

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
