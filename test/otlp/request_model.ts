import fc from "fast-check";
import {
  RESOURCE_ATTRIBUTES,
  SPAN_ATTRIBUTES,
} from "../../src/otlp/span_batch.ts";
import { hex } from "./plain_batch.ts";
import {
  bytesField,
  concat,
  doubleField,
  fixed64Field,
  varintField,
} from "./wire.ts";

/** A request, apart from any encoding. */
export type RequestModel = readonly ResourceModel[];

interface ResourceModel {
  readonly attributes: readonly AttributeModel[];
  readonly spans: readonly SpanModel[];
}

interface SpanModel {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: readonly AttributeModel[];
  readonly links: readonly { traceId: Uint8Array; spanId: Uint8Array }[];
  readonly status: number;
}

interface AttributeModel {
  readonly key: string;
  readonly value: string | boolean | bigint | number | readonly string[];
}

const text = fc.string({ unit: "grapheme", maxLength: 300 });
const uint64 = fc.oneof(
  fc.bigInt(10n ** 18n, 2n * 10n ** 18n),
  fc.bigInt(0n, 2n ** 64n - 1n),
  fc.constantFrom(0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n),
);
const value = fc.oneof(
  text,
  fc.boolean(),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.bigInt(-1000n, 1000n),
  fc.double(),
  fc.array(text, { maxLength: 2 }),
);

function attributesOf(keys: object): fc.Arbitrary<AttributeModel[]> {
  const key = fc.oneof(fc.constantFrom(...Object.keys(keys)), text);
  return fc.array(fc.record({ key, value }), { maxLength: 6 });
}

function idOf(size: number): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    {
      weight: 9,
      arbitrary: fc.uint8Array({ minLength: size, maxLength: size }),
    },
    fc.uint8Array({ maxLength: 20 }),
    fc.constant(new Uint8Array(size)),
  );
}

/** Requests, most of whose spans are acceptable. */
export const requestModel: fc.Arbitrary<RequestModel> = fc.array(
  fc.record({
    attributes: attributesOf(RESOURCE_ATTRIBUTES),
    spans: fc.array(
      fc.record({
        traceId: idOf(16),
        spanId: idOf(8),
        parentSpanId: idOf(8),
        traceState: fc.constantFrom("", "ot=th:c", "é".repeat(1025)),
        name: text,
        kind: fc.integer({ min: -1, max: 6 }),
        start: uint64,
        end: uint64,
        attributes: attributesOf({ ...SPAN_ATTRIBUTES, "sampling.rate": "" }),
        links: fc.array(fc.record({ traceId: idOf(16), spanId: idOf(8) }), {
          maxLength: 3,
        }),
        status: fc.integer({ min: -1, max: 3 }),
      }),
      { maxLength: 4 },
    ),
  }),
  { maxLength: 3 },
);

/** The request in protobuf. */
export function protobufOf(request: RequestModel): Uint8Array {
  return concat(request.map(({ attributes, spans }) =>
    bytesField(1, [
      bytesField(1, attributes.map((pair) => bytesField(1, keyValue(pair)))),
      bytesField(2, spans.map((span) => bytesField(2, spanFields(span)))),
    ])
  ));
}

function spanFields(span: SpanModel): Uint8Array[] {
  return [
    bytesField(1, span.traceId),
    bytesField(2, span.spanId),
    bytesField(3, span.traceState),
    bytesField(4, span.parentSpanId),
    bytesField(5, span.name),
    varintField(6, span.kind),
    fixed64Field(7, span.start),
    fixed64Field(8, span.end),
    ...span.attributes.map((pair) => bytesField(9, keyValue(pair))),
    ...span.links.map(({ traceId, spanId }) =>
      bytesField(13, [bytesField(1, traceId), bytesField(2, spanId)])
    ),
    bytesField(15, [varintField(3, span.status)]),
  ];
}

function keyValue({ key, value }: AttributeModel): Uint8Array[] {
  return [bytesField(1, key), bytesField(2, [anyValue(value)])];
}

function anyValue(value: AttributeModel["value"]): Uint8Array {
  if (typeof value === "string") return bytesField(1, value);
  if (typeof value === "boolean") return varintField(2, value ? 1 : 0);
  if (typeof value === "bigint") return varintField(3, value);
  if (typeof value === "number") return doubleField(4, value);
  return bytesField(5, value.map((text) => bytesField(1, [anyValue(text)])));
}

/** Which of JSON's ways to say the same are taken. */
export interface JsonStyle {
  /** 64-bit integers as numbers, not strings. */
  readonly numbers: boolean;
  /** Kinds and codes by name. */
  readonly names: boolean;
  readonly upperCase: boolean;
  /** `null` for what is empty, which is otherwise left out. */
  readonly nulls: boolean;
  readonly spaces: number;
}

/** Every way to write JSON. */
export const jsonStyle: fc.Arbitrary<JsonStyle> = fc.record({
  numbers: fc.boolean(),
  names: fc.boolean(),
  upperCase: fc.boolean(),
  nulls: fc.boolean(),
  spaces: fc.integer({ min: 0, max: 2 }),
});

const KINDS = [
  "UNSPECIFIED",
  "INTERNAL",
  "SERVER",
  "CLIENT",
  "PRODUCER",
  "CONSUMER",
];
const CODES = ["UNSET", "OK", "ERROR"];

/** The request in JSON. */
export function jsonOf(request: RequestModel, style: JsonStyle): Uint8Array {
  const empty = style.nulls ? null : undefined;
  const id = (bytes: Uint8Array) => {
    const digits = style.upperCase ? hex(bytes).toUpperCase() : hex(bytes);
    return digits === "" ? empty : digits;
  };
  const attribute = ({ key, value }: AttributeModel) => ({
    key,
    value: jsonValue(value),
  });
  const resourceSpans = request.map(({ attributes, spans }) => ({
    resource: { attributes: attributes.map(attribute) },
    scopeSpans: [{
      spans: spans.map((span) => ({
        traceId: id(span.traceId),
        spanId: id(span.spanId),
        parentSpanId: id(span.parentSpanId),
        traceState: span.traceState,
        name: span.name,
        kind: style.names
          ? `SPAN_KIND_${KINDS[span.kind] ?? "NONE"}`
          : span.kind,
        startTimeUnixNano: span.start === 0n ? empty : String(span.start),
        endTimeUnixNano: span.end === 0n ? empty : String(span.end),
        attributes: span.attributes.map(attribute),
        links: span.links.map((link) => ({
          traceId: id(link.traceId),
          spanId: id(link.spanId),
        })),
        status: {
          code: style.names
            ? `STATUS_CODE_${CODES[span.status] ?? "NONE"}`
            : span.status,
        },
      })),
    }],
  }));
  const text = JSON.stringify({ resourceSpans }, null, style.spaces);
  const number = /((?:UnixNano|intValue)": ?)"(-?\d+)"/g;
  return new TextEncoder().encode(
    style.numbers ? text.replaceAll(number, "$1$2") : text,
  );
}

function jsonValue(value: AttributeModel["value"]): unknown {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint") return { intValue: String(value) };
  if (typeof value === "number") {
    // JSON.stringify has no words for these.
    if (Object.is(value, -0)) return { doubleValue: "-0" };
    return { doubleValue: Number.isFinite(value) ? value : String(value) };
  }
  return {
    arrayValue: { values: value.map((text) => ({ stringValue: text })) },
  };
}
