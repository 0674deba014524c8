import fc from "fast-check";
import { expect, test } from "vitest";
import {
  RESOURCE_ATTRIBUTES,
  SPAN_ATTRIBUTES,
} from "../../src/otlp/span_batch.ts";
import { WantedKeys } from "../../src/otlp/wanted_keys.ts";

test("WantedKeys.find() finds each key that is wanted, and no other", () => {
  const tables: Record<string, string>[] = [
    RESOURCE_ATTRIBUTES,
    SPAN_ATTRIBUTES,
    { "": "empty", "é": "letter", "sampling.rate": "sampling" },
  ];
  for (const fields of tables) {
    const keys = new WantedKeys(fields);
    const near = fc.tuple(fc.constantFrom(...Object.keys(fields)), fc.nat())
      .map(([key, at]) => {
        const place = at % (key.length + 1);
        return `${key.slice(0, place)}.${key.slice(place + 1)}`;
      });
    const key = fc.oneof(
      fc.constantFrom(...Object.keys(fields)),
      fc.string(),
      near,
    );
    fc.assert(
      fc.property(key, fc.string(), (key, around) => {
        const encoder = new TextEncoder();
        const before = encoder.encode(around);
        const bytes = encoder.encode(around + key + around);
        const length = encoder.encode(key).length;
        expect(keys.find(bytes, before.length, length))
          .toBe(Object.hasOwn(fields, key) ? fields[key] : undefined);
      }),
      { numRuns: 1000 },
    );
  }
});
