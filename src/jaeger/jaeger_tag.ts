import * as z from "zod/mini";
import { base64Of } from "../codec/base64.ts";
import type { Attributes, AttributeValue } from "../spans/span.ts";
import {
  attributeJson,
  doubleJson,
  integerJson,
} from "../trace_view/attribute_json.ts";

/** A key, a value and what Jaeger takes it for. */
export const jaegerTagSchema = z.strictObject({
  key: z.string(),
  type: z.enum(["string", "bool", "int64", "float64", "binary"]),
  value: z.union([z.string(), z.boolean(), z.number()]),
});

/** A key, a value and what Jaeger takes it for. */
export type JaegerTag = z.infer<typeof jaegerTagSchema>;

/**
 * An attribute as a tag. An integer beyond ±(2^53 − 1) is its digits, a double
 * that is no number its name, bytes are base64; a list or a map, which Jaeger
 * does not know, is a string of JSON (see `attributeJson`), no value "".
 *
 * @example
 * ```ts
 * import { jaegerTag } from "../src/jaeger/jaeger_tag.ts";
 *
 * expect(jaegerTag("size", 3n))
 *   .toEqual({ key: "size", type: "int64", value: 3 });
 * expect(jaegerTag("hosts", ["a", "b"]))
 *   .toEqual({ key: "hosts", type: "string", value: '["a","b"]' });
 * ```
 */
export function jaegerTag(key: string, value: AttributeValue): JaegerTag {
  if (value === null) return { key, type: "string", value: "" };
  if (typeof value === "string") return { key, type: "string", value };
  if (typeof value === "boolean") return { key, type: "bool", value };
  if (typeof value === "bigint") {
    return { key, type: "int64", value: integerJson(value) };
  }
  if (typeof value === "number") {
    return { key, type: "float64", value: doubleJson(value) };
  }
  if (value instanceof Uint8Array) {
    return { key, type: "binary", value: base64Of(value) };
  }
  return { key, type: "string", value: JSON.stringify(attributeJson(value)) };
}

/** Attributes as tags. */
export function jaegerTags(attributes: Attributes): JaegerTag[] {
  return Array.from(attributes, ([key, value]) => jaegerTag(key, value));
}
