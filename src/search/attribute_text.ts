import { cutText, MAX_VALUE_CHARS } from "../otlp/text_limits.ts";
import type { AttributeValue } from "../spans/span.ts";

/**
 * The text that stands for an attribute on the service map, which is what
 * reading a request's bytes makes of it.
 *
 * @returns undefined for none, an array, a list, or bytes.
 *
 * @example
 * ```ts
 * import { attributeText } from "../src/search/attribute_text.ts";
 *
 * expect(attributeText(42n)).toBe("42");
 * expect(attributeText([42n])).toBe(undefined);
 * ```
 */
export function attributeText(
  value: AttributeValue | undefined,
): string | undefined {
  if (value === undefined || value === null || typeof value === "object") {
    return undefined;
  }
  return typeof value === "string"
    ? cutText(value, MAX_VALUE_CHARS)
    : String(value);
}
