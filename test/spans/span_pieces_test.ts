import fc from "fast-check";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { cutSpans } from "../../src/otlp/cut_spans.ts";
import { readJsonSpans } from "../../src/spans/read_json.ts";
import { readProtobufSpans } from "../../src/spans/read_protobuf.ts";
import { assemble, piecesOf, readPieces } from "../../src/spans/span_pieces.ts";
import { decodeRequest } from "../otlp/protobufjs_oracle.ts";
import { jsonOf, jsonStyle, requestModel } from "../otlp/request_model.ts";
import { bytesField } from "../otlp/wire.ts";
import { requestBytes } from "../otlp/wire_arbitrary.ts";
import { writeJson } from "../otlp/write_json.ts";
import { arbitrarySpans, runsOf } from "./arbitrary_spans.ts";
import { jsonOfSpans } from "./body_of_spans.ts";
import { type JsonNode, jsonTree } from "../otlp/json_tree.ts";

function spansOf(body: Uint8Array): unknown[] {
  return decodeRequest(body).resourceSpans.flatMap(({ scopeSpans }) =>
    (scopeSpans ?? []).flatMap(({ spans }) => spans ?? [])
  );
}

function removeFrom<Item>(
  items: Item[] | null | undefined,
  isGone: (item: Item) => boolean,
): void {
  items?.splice(0, items.length, ...items.filter((item) => !isGone(item)));
}

test("piecesOf() of protobuf gives a piece for each span that protobufjs decodes, and assemble() the body again", () => {
  let spans = 0;
  fc.assert(
    fc.property(requestBytes, (body) => {
      const before = body.slice();
      const pieces = piecesOf(body, "protobuf");
      expect(body).toEqual(before);
      const expected = decodeRequest(body);
      // What has no spans has no pieces.
      for (const { scopeSpans } of expected.resourceSpans) {
        removeFrom(scopeSpans, ({ spans }) => spans?.length === 0);
      }
      removeFrom(
        expected.resourceSpans,
        ({ scopeSpans }) => scopeSpans?.length === 0,
      );
      Reflect.deleteProperty(expected, "$unknowns");
      expect(decodeRequest(assemble(pieces))).toEqual(expected);
      expect(pieces.length).toBe(spansOf(body).length);
      expect(new Set(pieces.map(({ resource }) => resource)).size)
        .toBe(expected.resourceSpans.length);
      expect(new Set(pieces.map(({ scope }) => scope)).size)
        .toBe(expected.resourceSpans.flatMap((one) => one.scopeSpans).length);
      spans += pieces.length;
      // One piece alone is the body without all other spans.
      pieces.forEach((piece, at) => {
        const only = cutSpans(body, {
          encoding: "protobuf",
          drop: (ordinal) => ordinal !== at,
        });
        expect(spansOf(assemble([piece]))).toEqual(spansOf(only));
      });
    }),
    { numRuns: 150 },
  );
  expect(spans).toBeGreaterThan(150);
});

test("piecesOf() of protobuf copies nothing that is in one place", () => {
  const span = bytesField(2, [bytesField(5, "a")]);
  const scope = bytesField(1, [bytesField(1, "scope")]);
  const body = bytesField(1, [
    bytesField(2, [span, span, scope]),
    bytesField(1, []),
    bytesField(3, "schema"),
  ]);
  for (const piece of piecesOf(body, "protobuf")) {
    expect(piece.resource.buffer).toBe(body.buffer);
    expect(piece.scope.buffer).toBe(body.buffer);
    expect(piece.span.buffer).toBe(body.buffer);
    expect(piece.scope).toEqual(scope);
    expect(piece.span).toEqual(span.subarray(2));
  }
});

function treeOf(text: Uint8Array): JsonNode {
  return jsonTree(new TextDecoder().decode(text))?.root ?? null;
}

function itemsOf(node: JsonNode, key: string): JsonNode[] {
  if (typeof node !== "object" || node === null || !("fields" in node)) {
    return [];
  }
  return node.fields.flatMap(([name, value]) =>
    name === key && Array.isArray(value) ? (value as JsonNode[]) : []
  );
}

function without(node: JsonNode, key: string): JsonNode {
  if (typeof node !== "object" || node === null || !("fields" in node)) {
    return node;
  }
  return {
    fields: node.fields.map(([name, value]) =>
      [name, name === key && Array.isArray(value) ? [] : value] as const
    ),
  };
}

test("piecesOf() of JSON gives each span that JSON.parse() does, with the rest of its resource and scope", () => {
  let spans = 0;
  fc.assert(
    fc.property(requestModel, jsonStyle, fc.nat(), (request, style, seed) => {
      const plain = new TextDecoder().decode(
        jsonOf(request, { ...style, numbers: false }),
      );
      const text = writeJson(JSON.parse(plain), new SeededRandom(seed));
      const body = new TextEncoder().encode(text);
      const expected = itemsOf(treeOf(body), "resourceSpans")
        .flatMap((resource) =>
          itemsOf(resource, "scopeSpans").flatMap((scope) =>
            itemsOf(scope, "spans").map((span) => ({
              resource: without(resource, "scopeSpans"),
              scope: without(scope, "spans"),
              span,
            }))
          )
        );
      const pieces = piecesOf(body, "json");
      expect(pieces.map(({ resource, scope, span }) => ({
        resource: treeOf(resource),
        scope: treeOf(scope),
        span: treeOf(span),
      }))).toEqual(expected);
      spans += pieces.length;
    }),
    { numRuns: 150 },
  );
  expect(spans).toBeGreaterThan(150);
});

test("piecesOf() of JSON gives the same object for all spans of one scope or resource alone", () => {
  const scope = { spans: [{}, {}] };
  const resource = { scopeSpans: [scope, scope] };
  const text = JSON.stringify({ resourceSpans: [resource, resource] });
  const pieces = piecesOf(new TextEncoder().encode(`\ufeff${text}`), "json");
  expect(pieces.length).toBe(8);
  expect(new Set(pieces.map((piece) => piece.resource)).size).toBe(2);
  expect(new Set(pieces.map((piece) => piece.scope)).size).toBe(4);
});

test("piecesOf() of JSON keeps a null where an array could be", () => {
  const text = '{"scopeSpans":null,"scopeSpans":[{"spans":null,"spans":[{}]}]}';
  const [piece] = piecesOf(
    new TextEncoder().encode(`{"resourceSpans":[${text}]}`),
    "json",
  );
  expect(new TextDecoder().decode(piece?.resource))
    .toBe('{"scopeSpans":null,"scopeSpans":[]}');
  expect(new TextDecoder().decode(piece?.scope))
    .toBe('{"spans":null,"spans":[]}');
});

test("readPieces() of protobuf reads what readProtobufSpans() does of the body, and of each piece alone its span", () => {
  fc.assert(
    fc.property(requestBytes, (body) => {
      const pieces = piecesOf(body, "protobuf");
      const spans = readProtobufSpans(body);
      const read = readPieces(pieces, "protobuf");
      expect(read).toEqual(spans);
      for (const shared of ["resource", "scope"] as const) {
        expect(runsOf(read, shared).length).toBe(runsOf(spans, shared).length);
      }
      pieces.forEach((piece, at) => {
        expect(readPieces([piece], "protobuf")).toEqual([spans[at]]);
      });
      expect(readProtobufSpans(assemble(pieces))).toEqual(spans);
    }),
    { numRuns: 150 },
  );
});

test("readPieces() of JSON reads the spans that were written, and of each piece alone its span", () => {
  fc.assert(
    fc.property(arbitrarySpans, fc.nat(), (spans, seed) => {
      const text = writeJson(jsonOfSpans(spans), new SeededRandom(seed));
      const body = new TextEncoder().encode(text);
      const pieces = piecesOf(body, "json");
      expect(readPieces(pieces, "json")).toEqual(spans);
      expect(readJsonSpans(body)).toEqual(spans);
      pieces.toReversed().forEach((piece, at) => {
        expect(readPieces([piece], "json")).toEqual([spans.at(-1 - at)]);
      });
    }),
    { numRuns: 50 },
  );
});
