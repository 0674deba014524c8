import * as z from "zod/mini";
import { base64Of } from "../codec/base64.ts";
import type { Attributes, AttributeValue } from "../spans/span.ts";
import { doubleJson, isAttributes } from "../trace_view/attribute_json.ts";

/** OTLP's `AnyValue` in protobuf's JSON form; `{}` is no value. */
export type AnyValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string }
  | { doubleValue: number | string }
  | { arrayValue: { values?: AnyValue[] } }
  | { kvlistValue: { values?: KeyValue[] } }
  | { bytesValue: string }
  | Record<string, never>;

/** OTLP's `KeyValue` in protobuf's JSON form. */
export interface KeyValue {
  key: string;
  value: AnyValue;
}

/** OTLP's `AnyValue` in protobuf's JSON form. */
export const anyValueSchema: z.ZodMiniType<AnyValue> = z.lazy(() =>
  z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ boolValue: z.boolean() }),
    z.strictObject({ intValue: z.string().check(z.regex(/^-?\d{1,19}$/)) }),
    z.strictObject({
      doubleValue: z.union([
        z.number(),
        z.literal(["NaN", "Infinity", "-Infinity"]),
      ]),
    }),
    z.strictObject({
      arrayValue: z.strictObject({
        values: z.exactOptional(z.array(anyValueSchema)),
      }),
    }),
    z.strictObject({
      kvlistValue: z.strictObject({
        values: z.exactOptional(z.array(keyValueSchema)),
      }),
    }),
    z.strictObject({ bytesValue: z.string() }),
    z.strictObject({}) as unknown as z.ZodMiniType<Record<string, never>>,
  ])
).register(z.globalRegistry, { id: "AnyValue" });

/** OTLP's `KeyValue` in protobuf's JSON form. */
export const keyValueSchema: z.ZodMiniType<KeyValue> = z.strictObject({
  key: z.string(),
  value: anyValueSchema,
}).register(z.globalRegistry, { id: "KeyValue" });

/**
 * An attribute's value in protobuf's JSON form: a 64-bit integer as its digits,
 * bytes as base64.
 *
 * @example
 * ```ts
 * import { anyValue } from "../src/tempo/any_value.ts";
 *
 * expect(anyValue([200n, ""])).toEqual({
 *   arrayValue: { values: [{ intValue: "200" }, { stringValue: "" }] },
 * });
 * ```
 */
export function anyValue(value: AttributeValue): AnyValue {
  if (value === null) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint") return { intValue: String(value) };
  if (typeof value === "number") return { doubleValue: doubleJson(value) };
  if (value instanceof Uint8Array) return { bytesValue: base64Of(value) };
  if (isAttributes(value)) {
    return {
      kvlistValue: value.size > 0 ? { values: keyValues(value) } : {},
    };
  }
  const values = value.map((entry) => anyValue(entry));
  return { arrayValue: values.length > 0 ? { values } : {} };
}

/** Attributes in protobuf's JSON form. */
export function keyValues(attributes: Attributes): KeyValue[] {
  return Array.from(attributes, ([key, value]) => ({
    key,
    value: anyValue(value),
  }));
}
