import * as fc from "fast-check";
import { expect, test } from "vitest";
import { base64Of } from "../../src/codec/base64.ts";

test("base64Of() writes what Node does", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString("base64"));
  }));
});

test("base64Of() writes more bytes than a call takes arguments", () => {
  const bytes = Uint8Array.from({ length: 1_000_003 }, (_, at) => at % 251);
  expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString("base64"));
});
