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
