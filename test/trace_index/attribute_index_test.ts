import * as fc from "fast-check";
import { expect, test } from "vitest";
import { matchesSpan } from "../../src/search/matches_span.ts";
import type { AttributeValue, Span } from "../../src/spans/span.ts";
import { piecesOf, readPieces } from "../../src/spans/span_pieces.ts";
import {
  askedHash,
  keyHash,
  MAX_HASHED_BYTES,
  valueHashes,
} from "../../src/trace_index/attribute_hash.ts";
import { attributeIndex } from "../../src/trace_index/attribute_index.ts";
import {
  mayHave,
  noAttributes,
  withHashes,
} from "../../src/trace_index/indexed_attributes.ts";
import { bytesField, fixed64Field, varintField } from "../otlp/wire.ts";
import { wholeSpan } from "../search/whole_span.ts";
import { jsonOfSpans, protobufOfSpans } from "../spans/body_of_spans.ts";

const UTF8 = new TextEncoder();
const KEYS = ["user.id", "n", "é-is-not-configured", "user.ie"];
const INDEXED = ["user.id", "n", "user.ie"];

const scalar: fc.Arbitrary<string | number | boolean> = fc.oneof(
  fc.constantFrom<string | number | boolean>(
    "",
    "1",
    1,
    0,
    -0,
    -1,
    2.5,
    2 ** 53,
    2 ** 63,
    -(2 ** 63),
    2 ** 31,
    -(2 ** 32) - 5,
    1e300,
    Infinity,
    true,
    false,
    "true",
    "\ufffd",
    "\ufeffa",
    "a",
    "é 漢 🦊",
    "x".repeat(MAX_HASHED_BYTES + 1),
    "x".repeat(MAX_HASHED_BYTES + 2),
  ),
  fc.string({ unit: "grapheme", maxLength: 5 }),
  fc.integer(),
  fc.double({ noNaN: true }),
);

/** As it may be sent: a whole number as an integer or as a double. */
const sentScalar: fc.Arbitrary<AttributeValue> = fc.tuple(scalar, fc.boolean())
  .map(([value, asInteger]) =>
    asInteger && typeof value === "number" && Number.isInteger(value) &&
      Math.abs(value) < 2 ** 63
      ? BigInt(value)
      : value
  );

const sent: fc.Arbitrary<AttributeValue> = fc.oneof(
  { weight: 4, arbitrary: sentScalar },
  { weight: 2, arbitrary: fc.array(sentScalar, { maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<AttributeValue>(
      null,
      2n ** 53n + 1n,
      -(2n ** 63n),
      2n ** 63n - 1n,
      [["nested"]],
      new Map([["user.id", "nested"]]),
    ),
  },
);

const attributes = fc.array(
  fc.tuple(fc.constantFrom(...KEYS), sent),
  { maxLength: 4 },
).map((pairs) => Object.fromEntries(pairs));

const span: fc.Arbitrary<Span> = fc.record({
  attributes,
  of: attributes,
}).map(wholeSpan);

const INDEX = attributeIndex(INDEXED);

/** What the index tells of one span, as it was sent. */
function indexed(body: Uint8Array, encoding: "json" | "protobuf") {
  const [piece] = piecesOf(body, encoding);
  if (piece === undefined) throw new Error("no span");
  const [read] = readPieces([piece], encoding);
  if (read === undefined) throw new Error("no span");
  const hashes = INDEX.hashesOf({ ...piece, key: "", encoding });
  return { read, known: withHashes(noAttributes(INDEX.keys), hashes) };
}

function expectAgreement(
  { read, known }: ReturnType<typeof indexed>,
  asked: { readonly key: string; readonly value: string | number | boolean },
): boolean {
  const matches = (["span", "resource", "any"] as const).some((scope) =>
    matchesSpan(read, { on: "attribute", scope, ...asked })
  );
  const may = mayHave(known, asked);
  if (matches) expect([asked, may]).toEqual([asked, true]);
  return matches;
}

test("attributeIndex() tells of every value that matchesSpan() finds, and of hardly any other", () => {
  let found = 0;
  let vain = 0;
  let none = 0;
  fc.assert(
    fc.property(
      span,
      fc.boolean(),
      fc.array(fc.record({ key: fc.constantFrom(...KEYS), value: scalar }), {
        minLength: 5,
        maxLength: 5,
      }),
      (one, isJson, drawn) => {
        const body = isJson
          ? UTF8.encode(JSON.stringify(jsonOfSpans([one])))
          : protobufOfSpans([one]);
        const known = indexed(body, isJson ? "json" : "protobuf");
        // What is there, as it would be asked for, and whatever else.
        const there = [...one.attributes, ...one.resource.attributes].flatMap(
          ([key, value]) => {
            const items: readonly unknown[] = Array.isArray(value)
              ? value
              : [value];
            return items.flatMap((item) => {
              const asked = typeof item === "bigint" ? Number(item) : item;
              return typeof asked === "string" || typeof asked === "number" ||
                  typeof asked === "boolean"
                ? [{ key, value: asked }]
                : [];
            });
          },
        );
        for (const asked of [...there, ...drawn]) {
          if (expectAgreement(known, asked)) found++;
          else if (!INDEXED.includes(asked.key)) none++;
          else if (asked.value !== "\ufffd" && mayHave(known.known, asked)) {
            vain++;
          }
        }
      },
    ),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(500);
  expect(none).toBeGreaterThan(100);
  expect(vain).toBe(0);
});

function bodyOf(span: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return bytesField(1, [bytesField(2, [
    bytesField(2, span.map((part) => Uint8Array.from(part))),
  ])]);
}

function any(text: string): Uint8Array {
  return bytesField(2, [bytesField(1, text)]);
}

test.each<[string, readonly Uint8Array[], readonly string[]]>([
  ["the value before the key", [
    bytesField(9, [any("a"), bytesField(1, "user.id")]),
  ], ["a"]],
  ["two keys, of which the last counts", [
    bytesField(9, [bytesField(1, "n"), any("a"), bytesField(1, "user.id")]),
  ], ["a"]],
  ["two values", [
    bytesField(9, [bytesField(1, "user.id"), any("a"), any("b")]),
  ], ["b"]],
  ["two attributes of one key", [
    bytesField(9, [bytesField(1, "user.id"), any("a")]),
    bytesField(9, [bytesField(1, "user.id"), any("b")]),
  ], ["b"]],
  ["a text among other fields", [
    varintField(6, 2),
    fixed64Field(7, 1n),
    bytesField(9, [
      bytesField(1, "user.id"),
      varintField(99, 1),
      bytesField(2, [varintField(98, 1), bytesField(1, "a")]),
    ]),
  ], ["a"]],
  ["an array in two fields", [
    bytesField(9, [
      bytesField(1, "user.id"),
      bytesField(2, [
        bytesField(5, [bytesField(1, [bytesField(1, "a")])]),
        bytesField(5, [
          varintField(9, 1),
          bytesField(1, [varintField(9, 1), bytesField(1, "b")]),
        ]),
      ]),
    ]),
  ], ["a", "b"]],
])("attributeIndex() tells of the values of %s", (_, fields, values) => {
  const known = indexed(bodyOf(fields), "protobuf");
  for (const value of values) {
    expect(expectAgreement(known, { key: "user.id", value })).toBe(true);
  }
  expect(mayHave(known.known, { key: "user.id", value: "other" })).toBe(false);
});

test("attributeIndex() may tell of any U+FFFD, which bytes that are no text become", () => {
  const invalid = Uint8Array.of(97, 0xff);
  const body = bodyOf([
    bytesField(9, [
      bytesField(1, "user.id"),
      bytesField(2, [bytesField(1, invalid)]),
    ]),
  ]);
  const asked = { key: "user.id", value: "a\ufffd" };
  expect(expectAgreement(indexed(body, "protobuf"), asked)).toBe(true);
});

test("valueHashes() tells texts apart that differ within MAX_HASHED_BYTES, or in length", () => {
  const key = keyHash("k");
  const long = "x".repeat(MAX_HASHED_BYTES);
  const [hash] = valueHashes(key, long);
  expect(askedHash(key, long)).toBe(hash);
  expect(askedHash(key, `${long.slice(1)}y`)).not.toBe(hash);
  expect(askedHash(key, `${long}x`)).not.toBe(hash);
  // Beyond: the spans have the last word.
  expect(askedHash(key, `${long}y`)).toBe(askedHash(key, `${long}x`));
  expect(askedHash(keyHash("l"), long)).not.toBe(hash);
});
