/** From here on Tempo reads no digits as an integer. */
const INTEGER_END = 2 ** 63;

/** A comparison with a number. */
export interface NumberComparison {
  /** As TraceQL has it: `span.http.status_code`. */
  readonly field: string;
  readonly operator: "=" | "!=" | "<" | "<=" | ">" | ">=";
  readonly value: number;
}

/**
 * A comparison with a number in TraceQL, for integers and doubles: Tempo
 * compares an attribute with a number of its own type alone.
 *
 * Source: grafana/tempo 3.1.0, where `{ span.a = 2 }` finds no 2.0, and
 * `{ span.a > 4.5 }` no 5.
 *
 * @example
 * ```ts
 * import { numberText } from "../src/search/traceql_number.ts";
 *
 * expect(numberText({ field: ".a", operator: "=", value: 2 }))
 *   .toBe("(.a = 2 || .a = 2.0)");
 * expect(numberText({ field: ".a", operator: ">", value: 4.5 }))
 *   .toBe("(.a >= 5 || .a > 4.5)");
 * ```
 */
export function numberText(comparison: NumberComparison): string {
  const { field, operator, value } = comparison;
  const texts = [
    ...ofIntegers(comparison),
    `${operator} ${doubleText(value)}`,
  ].map((text) => `${field} ${text}`);
  return texts.length === 1 ? texts.join("") : `(${texts.join(" || ")})`;
}

function ofIntegers(
  { operator, value }: NumberComparison,
): readonly string[] {
  if (Math.abs(value) >= INTEGER_END) return [];
  if (Number.isInteger(value)) return [`${operator} ${value}`];
  const below = Math.floor(value);
  const atMost = `<= ${below}`;
  const atLeast = `>= ${below + 1}`;
  switch (operator) {
    case "=":
      return [];
    case "!=":
      return [atMost, atLeast];
    case "<":
    case "<=":
      return [atMost];
    case ">":
    case ">=":
      return [atLeast];
  }
}

function doubleText(value: number): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
