import fc from "fast-check";
import {
  RESOURCE_ATTRIBUTES,
  SPAN_ATTRIBUTES,
} from "../../src/otlp/span_batch.ts";
import {
  bytesField,
  concat,
  doubleField,
  fixed32Field,
  fixed64Field,
  tag,
  varintField,
} from "./wire.ts";

/** The sampling attribute that generated spans may have. */
export const SAMPLING_KEY = "sampling.probability";

type Field = fc.Arbitrary<Uint8Array>;

// Mostly the shortest encoding, sometimes one padded with empty groups of bits.
const tagBytes = fc.oneof(
  { weight: 9, arbitrary: fc.constant(1) },
  fc.integer({ min: 2, max: 5 }),
);
const lengthBytes = fc.oneof(
  { weight: 9, arbitrary: fc.constant(1) },
  fc.integer({ min: 2, max: 5 }),
);
const varintBytes = fc.oneof(
  { weight: 9, arbitrary: fc.constant(1) },
  fc.integer({ min: 2, max: 10 }),
);

function varintOf(number: number, value: fc.Arbitrary<bigint | number>): Field {
  return fc.tuple(value, tagBytes, varintBytes).map(([content, tag, bytes]) =>
    varintField(number, content, { tagBytes: tag, bytes })
  );
}

function bytesOf(
  number: number,
  value: fc.Arbitrary<Uint8Array | string | readonly Uint8Array[]>,
): Field {
  return fc.tuple(value, tagBytes, lengthBytes).map(([content, tag, bytes]) =>
    bytesField(number, content, { tagBytes: tag, bytes })
  );
}

function fixed64Of(number: number, value: fc.Arbitrary<bigint>): Field {
  return fc.tuple(value, tagBytes).map(([content, tag]) =>
    fixed64Field(number, content, { tagBytes: tag })
  );
}

// Fields of numbers that no message has, and of known numbers (1 to 16) in
// wire types that few of them have.
const unknownNumber = fc.oneof(
  fc.integer({ min: 17, max: 40 }),
  fc.constantFrom(1000, 18999, 2 ** 29 - 1),
);
const strayField: Field = fc.oneof(
  fc.tuple(fc.oneof(unknownNumber, fc.integer({ min: 1, max: 16 })), fc.nat())
    .map(([number, value]) => fixed32Field(number, value)),
  fc.tuple(unknownNumber, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    .map(([number, value]) => varintField(number, value)),
  fc.tuple(unknownNumber, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    .map(([number, value]) => fixed64Field(number, value)),
  // Packed numbers, a nested message, or anything else.
  fc.tuple(unknownNumber, fc.uint8Array({ maxLength: 20 }))
    .map(([number, value]) => bytesField(number, value)),
);

/** A message of any of these fields, in any order and number. */
function messageOf(
  fields: readonly { weight: number; arbitrary: Field }[],
  { maxLength = 8 }: { maxLength?: number } = {},
): fc.Arbitrary<Uint8Array[]> {
  const field = fc.oneof(...fields, { weight: 1, arbitrary: strayField });
  return fc.array(field, { maxLength });
}

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", minLength: 200, maxLength: 300 }),
  fc.constantFrom("checkout", "\ufeffbom", "😀".repeat(130), "é".repeat(257)),
);
const textOrBytes = fc.oneof(
  { weight: 6, arbitrary: text },
  // Hardly ever UTF-8.
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
);

const { anyValue } = fc.letrec<{ anyValue: Uint8Array[]; list: Uint8Array[] }>(
  (tie) => ({
    anyValue: messageOf([
      { weight: 8, arbitrary: bytesOf(1, textOrBytes) },
      { weight: 2, arbitrary: varintOf(2, fc.nat({ max: 300 })) },
      { weight: 3, arbitrary: varintOf(3, fc.bigInt(-(2n ** 63n), 2n ** 63n)) },
      { weight: 1, arbitrary: varintOf(3, fc.integer()) },
      {
        weight: 2,
        arbitrary: fc.double().map((value) => doubleField(4, value)),
      },
      { weight: 1, arbitrary: bytesOf(5, tie("list")) },
      { weight: 1, arbitrary: bytesOf(7, fc.uint8Array({ maxLength: 9 })) },
    ], { maxLength: 3 }),
    list: messageOf([
      { weight: 3, arbitrary: bytesOf(1, tie("anyValue")) },
    ], { maxLength: 3 }),
  }),
);

function keyValueOf(keys: readonly string[]): fc.Arbitrary<Uint8Array[]> {
  const key = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...keys) },
    { weight: 2, arbitrary: fc.string({ maxLength: 20 }) },
    { weight: 1, arbitrary: fc.constantFrom("toString", "__proto__", "") },
  );
  return messageOf([
    { weight: 3, arbitrary: bytesOf(1, key) },
    { weight: 4, arbitrary: bytesOf(2, anyValue) },
  ], { maxLength: 4 });
}

const kvlist = bytesOf(
  6,
  messageOf([{ weight: 3, arbitrary: bytesOf(1, keyValueOf(["a"])) }]),
);
const spanAttribute = keyValueOf([
  ...Object.keys(SPAN_ATTRIBUTES),
  SAMPLING_KEY,
]);
const resourceAttribute = keyValueOf(Object.keys(RESOURCE_ATTRIBUTES));
const listAttribute = fc.tuple(kvlist, fc.constantFrom("http.route", "other"))
  .map(([value, key]) => [bytesField(1, key), bytesField(2, [value])]);

function idOf(size: number): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    {
      weight: 30,
      arbitrary: fc.uint8Array({ minLength: size, maxLength: size }),
    },
    { weight: 1, arbitrary: fc.constant(new Uint8Array(size)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  );
}

const time = fc.oneof(
  { weight: 5, arbitrary: fc.bigInt(10n ** 18n, 2n * 10n ** 18n) },
  fc.bigInt(0n, 2n ** 64n - 1n),
  fc.constantFrom(0n, 1n, 2n ** 32n, 2n ** 64n - 1n),
);

const enumNumber = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 6 }) },
  fc.bigInt(-(2n ** 63n), 2n ** 63n),
);

const event = messageOf([
  { weight: 1, arbitrary: fixed64Of(1, time) },
  { weight: 2, arbitrary: bytesOf(2, textOrBytes) },
  { weight: 2, arbitrary: bytesOf(3, keyValueOf(["exception.type"])) },
]);

const link = fc.tuple(
  idOf(16),
  idOf(8),
  messageOf([
    { weight: 1, arbitrary: bytesOf(1, idOf(16)) },
    { weight: 1, arbitrary: bytesOf(2, idOf(8)) },
    { weight: 2, arbitrary: bytesOf(3, text) },
    { weight: 2, arbitrary: bytesOf(4, keyValueOf(["a"])) },
  ], { maxLength: 3 }),
).map(([traceId, spanId, rest]) => [
  bytesField(1, traceId),
  bytesField(2, spanId),
  ...rest,
]);

const status = messageOf([
  { weight: 2, arbitrary: bytesOf(2, textOrBytes) },
  { weight: 3, arbitrary: varintOf(3, enumNumber) },
], { maxLength: 3 });

const scope = messageOf([
  { weight: 2, arbitrary: bytesOf(1, textOrBytes) },
  { weight: 2, arbitrary: bytesOf(3, keyValueOf(["a"])) },
], { maxLength: 4 });

// What a span needs, and anything else before, between and after it.
const span = fc.tuple(
  fc.tuple(
    bytesOf(1, idOf(16)),
    bytesOf(2, idOf(8)),
    fixed64Of(7, time),
    fixed64Of(8, time),
  ),
  messageOf([
    { weight: 1, arbitrary: bytesOf(3, text) },
    { weight: 1, arbitrary: bytesOf(3, fc.constant("a".repeat(1025))) },
    { weight: 2, arbitrary: bytesOf(4, idOf(8)) },
    { weight: 3, arbitrary: bytesOf(5, textOrBytes) },
    { weight: 3, arbitrary: varintOf(6, enumNumber) },
    { weight: 10, arbitrary: bytesOf(9, spanAttribute) },
    { weight: 1, arbitrary: bytesOf(9, listAttribute) },
    { weight: 2, arbitrary: bytesOf(11, event) },
    { weight: 2, arbitrary: bytesOf(13, link) },
    { weight: 2, arbitrary: bytesOf(15, status) },
    // A second id or time: the last one counts.
    { weight: 1, arbitrary: bytesOf(1, idOf(16)) },
    { weight: 1, arbitrary: bytesOf(2, idOf(8)) },
    { weight: 1, arbitrary: fixed64Of(8, time) },
  ], { maxLength: 16 }),
).chain(([needed, rest]) =>
  fc.shuffledSubarray([...needed, ...rest], {
    minLength: needed.length + rest.length,
  })
);

const scopeSpans = messageOf([
  { weight: 1, arbitrary: bytesOf(1, scope) },
  { weight: 5, arbitrary: bytesOf(2, span) },
], { maxLength: 5 });

const resource = messageOf([
  { weight: 6, arbitrary: bytesOf(1, resourceAttribute) },
]);

const resourceSpans = messageOf([
  { weight: 3, arbitrary: bytesOf(1, resource) },
  { weight: 4, arbitrary: bytesOf(2, scopeSpans) },
], { maxLength: 5 });

/** The bytes of a request: every shape that protobuf allows for one. */
export const requestBytes: fc.Arbitrary<Uint8Array> = messageOf([
  { weight: 4, arbitrary: bytesOf(1, resourceSpans) },
], { maxLength: 4 }).map(concat);

/** A field that is a group, well formed but of no use in OTLP. */
export const groupField: Field = fc.integer({ min: 1, max: 40 }).map(
  (number) => concat([tag(number, 3), tag(number, 4)]),
);

/** The fields of a span, each but attributes and links once, in two orders. */
export const fieldsOfSpan: fc.Arbitrary<
  { fields: Uint8Array[]; shuffled: Uint8Array[] }
> = fc.tuple(
  bytesOf(1, idOf(16)),
  bytesOf(2, idOf(8)),
  bytesOf(3, text),
  bytesOf(4, idOf(8)),
  bytesOf(5, textOrBytes),
  varintOf(6, enumNumber),
  fixed64Of(7, time),
  fixed64Of(8, time),
  bytesOf(9, keyValueOf(["http.route"])),
  bytesOf(11, event),
  bytesOf(13, link),
  bytesOf(15, status),
  strayField,
).chain((fields) =>
  fc.shuffledSubarray(fields, { minLength: fields.length })
    .map((shuffled) => ({ fields, shuffled }))
);
