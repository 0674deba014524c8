/**
 * A name of the HTTP API as GraphQL has it.
 *
 * @example
 * ```ts
 * import { camelCase } from "../src/graphql/camel_case.ts";
 *
 * expect(camelCase("latency_p95")).toBe("latencyP95");
 * ```
 */
export function camelCase(name: string): string {
  return name.replaceAll(
    /_([a-z0-9])/g,
    (_, letter: string) => letter.toUpperCase(),
  );
}

/**
 * A name as the name of a type.
 *
 * @example
 * ```ts
 * import { pascalCase } from "../src/graphql/camel_case.ts";
 *
 * expect(pascalCase("root_cause")).toBe("RootCause");
 * ```
 */
export function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.slice(0, 1).toUpperCase() + camel.slice(1);
}
