import type { Attributes, AttributeValue } from "../spans/span.ts";

/**
 * Attributes as a `Map(LowCardinality(String), String)` column takes them.
 *
 * @example
 * ```ts
 * import { attributeColumn } from "../src/clickhouse/attribute_column.ts";
 *
 * const attributes = new Map([["http.status_code", 200n]]);
 * expect(attributeColumn(attributes)).toEqual({ "http.status_code": "200" });
 * ```
 */
export function attributeColumn(
  attributes: Attributes,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from(
      attributes,
      ([key, value]) => [key.toWellFormed(), columnText(value)],
    ),
  );
}

/**
 * The text that the OpenTelemetry Collector writes for a value, so that what
 * reads its table reads ours: lists and maps as JSON with sorted keys, bytes
 * as base64, nothing as "".
 *
 * Source: pdata, `Value.AsString`.
 *
 * @example
 * ```ts
 * import { columnText } from "../src/clickhouse/attribute_column.ts";
 *
 * expect(columnText([1n, 0.5, new Map([["b", null], ["a", true]])]))
 *   .toBe('[1,0.5,{"a":true,"b":null}]');
 * expect(columnText(Uint8Array.of(1, 2))).toBe("AQI=");
 * ```
 */
export function columnText(value: AttributeValue): string {
  if (value === null) return "";
  // A lone surrogate, which a JSON body can carry, fails a whole insert.
  if (typeof value === "string") return value.toWellFormed();
  if (value instanceof Uint8Array) return base64(value);
  if (typeof value === "number") {
    const text = numberText(value);
    return Number.isFinite(value) ? text : `json: unsupported value: ${text}`;
  }
  // JSON has no such number, and the Collector writes nothing then.
  return isJson(value) ? jsonText(value) : "";
}

function isJson(value: AttributeValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return !(value instanceof Map) || [...value.values()].every(isJson);
}

function jsonText(value: AttributeValue): string {
  if (typeof value === "string") return JSON.stringify(value.toWellFormed());
  if (typeof value === "number") return numberText(value);
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  if (value instanceof Map) {
    const fields = [...value as Attributes]
      .toSorted(([a], [b]) => a < b ? -1 : 1)
      .map(([key, field]) => `${jsonText(key)}:${jsonText(field)}`);
    return `{${fields.join(",")}}`;
  }
  if (Array.isArray(value)) {
    return `[${(value as readonly AttributeValue[]).map(jsonText).join(",")}]`;
  }
  return typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : "null";
}

function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0";
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
