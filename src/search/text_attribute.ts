import type {
  AttributeScope,
  FieldCondition,
  SpanCondition,
} from "./trace_filter.ts";

/**
 * The condition on an attribute whose value is asked for as a text, whatever
 * its type: `500` is the text and the number.
 *
 * @param scope Where it is looked for. @default {"any"}
 *
 * @example
 * ```ts
 * import { textAttribute } from "../src/search/text_attribute.ts";
 *
 * expect(textAttribute("http.route", "/cart")).toEqual({
 *   on: "attribute",
 *   scope: "any",
 *   key: "http.route",
 *   value: "/cart",
 * });
 * ```
 */
export function textAttribute(
  key: string,
  text: string,
  { scope = "any" }: { readonly scope?: AttributeScope } = {},
): SpanCondition {
  const condition: FieldCondition = {
    on: "attribute",
    scope,
    key,
    value: text,
  };
  const other = otherValue(text);
  return other === undefined
    ? condition
    : { on: "anyOf", conditions: [condition, { ...condition, value: other }] };
}

function otherValue(text: string): number | boolean | undefined {
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  return /^-?\d{1,16}(?:\.\d{1,16})?$/.test(text) &&
      (Number.isSafeInteger(number) || text.includes("."))
    ? number
    : undefined;
}
