import type { Comparison } from "./trace_filter.ts";

/** Whether `value` compares so with `bound`. */
export function compares(
  value: number,
  comparison: Comparison,
  bound: number,
): boolean {
  switch (comparison) {
    case "=":
      return value === bound;
    case "!=":
      return value !== bound;
    case "<":
      return value < bound;
    case "<=":
      return value <= bound;
    case ">":
      return value > bound;
    case ">=":
      return value >= bound;
  }
}
