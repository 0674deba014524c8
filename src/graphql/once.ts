/**
 * A value that is worked out when it is first asked for.
 *
 * @example
 * ```ts
 * import { once } from "../src/graphql/once.ts";
 *
 * let made = 0;
 * const value = once(() => ++made);
 * expect([value(), value()]).toEqual([1, 1]);
 * ```
 */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
