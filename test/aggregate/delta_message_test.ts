import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeDeltaMessage,
  type DeltaMessage,
  encodeDeltaMessage,
} from "../../src/aggregate/delta_message.ts";

const bytes = fc.uint8Array({ maxLength: 40 });
const text = fc.string({ unit: "grapheme" });
const message: fc.Arbitrary<DeltaMessage> = fc.record({
  tenant: text,
  service: fc.record({
    namespace: text,
    name: fc.string({ unit: "grapheme", minLength: 1 }),
    environment: text,
  }),
  source: text,
  deltas: fc.array(fc.record({
    sequence: fc.maxSafeNat(),
    minutes: fc.array(fc.record({
      startS: fc.nat(1e9).map((minute) => minute * 60),
      encoded: fc.record({ summary: bytes, operations: bytes }),
    })),
  })),
});

test("decodeDeltaMessage() gives back what was encoded", () => {
  fc.assert(fc.property(message, (given) => {
    expect(decodeDeltaMessage(encodeDeltaMessage(given))).toEqual(given);
  }));
});

test("decodeDeltaMessage() refuses a message that is cut at any byte", () => {
  const whole = encodeDeltaMessage({
    tenant: "default",
    service: { namespace: "shop", name: "cart", environment: "prod" },
    source: "default/trace/0",
    deltas: [{
      sequence: 7,
      minutes: [{
        startS: 1_700_000_040,
        encoded: {
          summary: Uint8Array.of(1, 2),
          operations: Uint8Array.of(3),
        },
      }],
    }],
  });
  for (let length = 0; length < whole.length; length++) {
    expect(() => decodeDeltaMessage(whole.subarray(0, length)))
      .toThrow(RangeError);
  }
});

test("decodeDeltaMessage() refuses another version", () => {
  expect(() => decodeDeltaMessage(Uint8Array.of(2))).toThrow('version "2"');
});

test("encodeDeltaMessage() refuses a minute that starts within a minute", () => {
  const encoded = { summary: new Uint8Array(), operations: new Uint8Array() };
  expect(() =>
    encodeDeltaMessage({
      tenant: "t",
      service: { namespace: "", name: "cart", environment: "" },
      source: "s",
      deltas: [{ sequence: 1, minutes: [{ startS: 61, encoded }] }],
    })
  ).toThrow('"61"');
});
