import fc from "fast-check";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { cutSpans } from "../../src/otlp/cut_spans.ts";
import { JsonSyntaxFault } from "../../src/otlp/json_fault.ts";
import { rejectedIn } from "../../src/otlp/rejected_in.ts";
import { MAX_SPANS_PER_REQUEST } from "../../src/otlp/span_batch_builder.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { WireFault } from "../../src/otlp/wire_cursor.ts";
import { type JsonNode, jsonTree } from "./json_tree.ts";
import { batchOf, plainBatch } from "./plain_batch.ts";
import { decodeRequest } from "./protobufjs_oracle.ts";
import { jsonOf, jsonStyle, requestModel } from "./request_model.ts";
import { requestOf, richRequest, spanFields } from "./rich_request.ts";
import { bytesField, concat, varint } from "./wire.ts";
import { requestBytes } from "./wire_arbitrary.ts";
import { writeJson } from "./write_json.ts";

/** Which spans to drop, by ordinal; those beyond are kept. */
const dropSets = fc.oneof(
  fc.array(fc.boolean(), { maxLength: 40 }),
  fc.constant(new Array<boolean>(500).fill(true)),
);

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function cutText(text: string, dropped: readonly number[]): string {
  const cut = cutSpans(bytesOf(text), {
    encoding: "json",
    drop: (ordinal) => dropped.includes(ordinal),
  });
  return new TextDecoder().decode(cut);
}

function ordinals(
  body: Uint8Array,
  encoding: "json" | "protobuf",
): { readonly asked: readonly number[]; readonly same: Uint8Array } {
  const asked: number[] = [];
  const same = cutSpans(body, {
    encoding,
    drop: (ordinal) => {
      asked.push(ordinal);
      return false;
    },
  });
  return { asked, same };
}

test("cutSpans() of protobuf leaves what protobufjs decodes less the dropped spans", () => {
  let dropped = 0;
  fc.assert(
    fc.property(requestBytes, dropSets, (body, drops) => {
      const before = body.slice();
      const cut = cutSpans(body, {
        encoding: "protobuf",
        drop: (ordinal) => drops[ordinal] ?? false,
      });
      expect(body).toEqual(before);
      const expected = decodeRequest(body);
      let ordinal = 0;
      for (const { scopeSpans } of expected.resourceSpans) {
        for (const scope of scopeSpans ?? []) {
          const spans = scope.spans ?? [];
          for (let at = 0; at < spans.length; ordinal++) {
            if (drops[ordinal] !== true) at++;
            else {
              spans.splice(at, 1);
              dropped++;
            }
          }
        }
      }
      expect(decodeRequest(cut)).toEqual(expected);
      const { asked, same } = ordinals(body, "protobuf");
      expect(same).toEqual(body);
      expect(asked).toEqual(Array.from({ length: ordinal }, (_, at) => at));
    }),
    { numRuns: 300 },
  );
  expect(dropped).toBeGreaterThan(200);
});

test("cutSpans() of protobuf keeps the bytes of other spans and of unknown fields, and writes lengths anew", () => {
  const spans = [1, 2, 3].map((byte) =>
    bytesField(2, [...spanFields(), bytesField(1000, Uint8Array.of(byte))], {
      tagBytes: 3,
      bytes: 4,
    })
  );
  const unknown = bytesField(17, new Uint8Array(150), { bytes: 3 });
  function request(kept: readonly Uint8Array[], bytes: number): Uint8Array {
    const scope = bytesField(2, [unknown, ...kept, unknown], {
      tagBytes: 2,
      bytes,
    });
    return concat([unknown, bytesField(1, [scope, unknown], { bytes })]);
  }
  const [first, , third] = spans;
  if (first === undefined || third === undefined) throw new RangeError("spans");
  for (const bytes of [1, 5]) {
    const cut = cutSpans(request(spans, bytes), {
      encoding: "protobuf",
      drop: (ordinal) => ordinal === 1,
    });
    expect(cut).toEqual(request([first, third], 1));
  }
});

test.each([0, 127, 128, 16_383, 16_384])(
  "cutSpans() of protobuf leaves a message of %i bytes",
  (length) => {
    const rest = length === 0
      ? new Uint8Array()
      : bytesField(99, new Uint8Array(length - 2 - varint(length).length), {
        bytes: varint(length).length,
      });
    const body = concat([
      bytesField(1, [bytesField(2, [bytesField(2, spanFields()), rest])]),
      Uint8Array.of(0x50, 1),
    ]);
    const cut = cutSpans(body, { encoding: "protobuf", drop: () => true });
    expect(cut).toEqual(
      concat([bytesField(1, [bytesField(2, rest)]), Uint8Array.of(0x50, 1)]),
    );
  },
);

function withoutSpans(
  node: JsonNode,
  drop: () => boolean,
  path: readonly string[] = ["resourceSpans", "scopeSpans", "spans"],
): JsonNode {
  if (typeof node !== "object" || node === null || !("fields" in node)) {
    return node;
  }
  const [step, ...rest] = path;
  return {
    fields: node.fields.map(([key, value]) => {
      if (key !== step || !Array.isArray(value)) return [key, value];
      const items = value as readonly JsonNode[];
      return [
        key,
        rest.length === 0
          ? items.filter(() => !drop())
          : items.map((item) => withoutSpans(item, drop, rest)),
      ];
    }),
  };
}

test("cutSpans() of JSON leaves what JSON.parse() gives less the dropped spans", () => {
  let dropped = 0;
  fc.assert(
    fc.property(
      requestModel,
      jsonStyle,
      dropSets,
      fc.nat(),
      (request, style, drops, seed) => {
        const plain = new TextDecoder().decode(
          jsonOf(request, { ...style, numbers: false }),
        );
        const text = writeJson(JSON.parse(plain), new SeededRandom(seed));
        const body = bytesOf(text);
        const before = body.slice();
        const cut = cutSpans(body, {
          encoding: "json",
          drop: (ordinal) => drops[ordinal] ?? false,
        });
        expect(body).toEqual(before);
        let ordinal = 0;
        const expected = withoutSpans(
          jsonTree(text)?.root ?? null,
          () => drops[ordinal++] ?? false,
        );
        dropped += drops.slice(0, ordinal).filter(Boolean).length;
        expect(jsonTree(new TextDecoder().decode(cut))?.root).toEqual(expected);
        const { asked, same } = ordinals(body, "json");
        expect(same).toEqual(body);
        expect(asked).toEqual(Array.from({ length: ordinal }, (_, at) => at));
      },
    ),
    { numRuns: 300 },
  );
  expect(dropped).toBeGreaterThan(200);
});

test.each<[number[], string]>([
  [[], "[ {a} , {b} , {c} ]"],
  [[0], "[  {b} , {c} ]"],
  [[1], "[ {a}  , {c} ]"],
  [[2], "[ {a} , {b}  ]"],
  [[0, 1], "[   {c} ]"],
  [[0, 2], "[  {b}  ]"],
  [[1, 2], "[ {a}   ]"],
  [[0, 1, 2], "[    ]"],
])(
  "cutSpans() of JSON without spans %j leaves a comma less for each",
  (dropped, left) => {
    function body(spans: string): string {
      const array = spans.replaceAll(/\{(\w)\}/g, '{"name":"$1"}');
      return `\ufeff{"a":1,"resourceSpans":[{"scopeSpans":[{"spans":${array}` +
        ',"b":[{},{}]}]},{"scopeSpans":null}]} \n';
    }
    expect(cutText(body("[ {a} , {b} , {c} ]"), dropped).replace("\ufeff", ""))
      .toBe(body(left).replace("\ufeff", ""));
  },
);

test("cutSpans() with rejectedIn() leaves a body of which every span is accepted", () => {
  fc.assert(
    fc.property(
      requestBytes,
      requestModel,
      jsonStyle,
      (bytes, model, style) => {
        const bodies = [
          { body: bytes, encoding: "protobuf" },
          { body: jsonOf(model, style), encoding: "json" },
        ] as const;
        for (const { body, encoding } of bodies) {
          const read = encoding === "json"
            ? readTracesJson
            : readTracesProtobuf;
          const batch = batchOf(read(body));
          const drop = rejectedIn(batch);
          const cut = batchOf(read(cutSpans(body, { encoding, drop })));
          expect(cut.rejected).toBe(0);
          expect(plainBatch(cut).spans).toEqual(plainBatch(batch).spans);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("rejectedIn() drops what is beyond MAX_SPANS_PER_REQUEST", () => {
  const bad = requestOf([[], spanFields()]);
  const drop = rejectedIn(batchOf(readTracesProtobuf(bad)));
  expect([0, 1, MAX_SPANS_PER_REQUEST - 1, MAX_SPANS_PER_REQUEST].map(drop))
    .toEqual([true, false, false, true]);
});

test("cutSpans() throws for what is no request", () => {
  const drop = () => true;
  expect(() => cutSpans(bytesOf('{"a":'), { encoding: "json", drop }))
    .toThrow(JsonSyntaxFault);
  const body = richRequest().subarray(0, 20);
  expect(() => cutSpans(body, { encoding: "protobuf", drop }))
    .toThrow(WireFault);
});
