import type * as z from "zod/mini";
import { base64Of } from "../codec/base64.ts";
import type { Attributes, AttributeValue } from "../spans/span.ts";

type JsonValue = z.core.util.JSONType;

/**
 * An attribute's value as JSON. What JSON has no form for becomes a string: an
 * integer beyond ±(2^53 − 1) its decimal digits, bytes base64, a double that is
 * no number "NaN", "Infinity" or "-Infinity". So an integer and a double of one
 * value look the same; OTLP's own forms keep them apart.
 *
 * @example
 * ```ts
 * import { attributeJson } from "../src/trace_view/attribute_json.ts";
 *
 * expect(attributeJson(200n)).toBe(200);
 * expect(attributeJson(2n ** 53n)).toBe("9007199254740992");
 * expect(attributeJson(new Map([["raw", Uint8Array.of(1)]])))
 *   .toEqual({ raw: "AQ==" });
 * ```
 */
export function attributeJson(value: AttributeValue): JsonValue {
  if (typeof value === "bigint") return integerJson(value);
  if (typeof value === "number") return doubleJson(value);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Uint8Array) return base64Of(value);
  if (isAttributes(value)) return attributesJson(value);
  return value.map((entry) => attributeJson(entry));
}

/** Whether a value is a map of values. */
export function isAttributes(value: AttributeValue): value is Attributes {
  return value instanceof Map;
}

/** An integer as a number, or as its digits where a number is not exact. */
export function integerJson(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** A double as a number, or by its name where JSON has no such number. */
export function doubleJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Attributes as a JSON object; see `attributeJson`. */
export function attributesJson(
  attributes: Attributes,
): Record<string, JsonValue> {
  return Object.fromEntries(
    Array.from(attributes, ([key, value]) => [key, attributeJson(value)]),
  );
}
