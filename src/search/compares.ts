import type { Comparison } from "./trace_filter.ts";

/** Whether `value` compares so with `bound`; exact, beyond 2^53 as well. */
export function compares(
  value: number | bigint,
  comparison: Comparison,
  bound: number,
): boolean {
  switch (comparison) {
    case "=":
      return isEqual(value, bound);
    case "!=":
      return !isEqual(value, bound);
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

function isEqual(value: number | bigint, bound: number): boolean {
  // Not Number(value): two integers of 64 bits can be one double.
  return typeof value === "bigint"
    ? Number.isInteger(bound) && value === BigInt(bound)
    : value === bound;
}
