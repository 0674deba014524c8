import type * as z from "zod/mini";
import type { ParameterProblem } from "../http/http_problem.ts";

/** How much of a wrong value an error repeats, UTF-16 code units. */
export const MAX_REPEATED_VALUE = 100;

/** Parameters as a schema reads them, or what is wrong with each. */
export type ParametersResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ParameterProblem[] };

/**
 * Reads query parameters by a schema, strictly: a parameter that the schema
 * does not know, or that comes twice, is a problem like a wrong value.
 *
 * @param schema An object whose fields are the parameters; a message of its
 *   checks says what the parameter must be.
 *
 * @example A parameter that nobody knows
 * ```ts
 * import * as z from "zod/mini";
 * import { readParameters } from "../src/query/read_parameters.ts";
 *
 * const schema = z.object({ service: z.string() });
 * const query = new URLSearchParams("service=cart&servce=web");
 * expect(readParameters(schema, query)).toEqual({
 *   ok: false,
 *   problems: [{
 *     parameter: "servce",
 *     problem: "is not known; the parameters are service",
 *   }],
 * });
 * ```
 */
export function readParameters<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodMiniObject<Shape>,
  query: URLSearchParams,
): ParametersResult<z.output<z.ZodMiniObject<Shape>>> {
  const names = Object.keys(schema.shape);
  const problems: ParameterProblem[] = [];
  const values: [string, string][] = [];
  for (const parameter of new Set(query.keys())) {
    const [value, ...more] = query.getAll(parameter);
    if (!names.includes(parameter)) {
      problems.push(unknownParameter(parameter, names));
    } else if (more.length > 0) {
      const problem = `must be given once, not ${more.length + 1} times`;
      problems.push({ parameter, problem });
    } else if (value !== undefined) values.push([parameter, value]);
  }
  const read = schema.safeParse(Object.fromEntries(values));
  if (!read.success) problems.push(...wrongValues(read.error.issues, query));
  return read.success && problems.length === 0
    ? { ok: true, value: read.data }
    : { ok: false, problems };
}

function unknownParameter(
  parameter: string,
  names: readonly string[],
): ParameterProblem {
  const known = names.length === 0
    ? "this call takes none"
    : `the parameters are ${names.join(", ")}`;
  return { parameter: cut(parameter), problem: `is not known; ${known}` };
}

function wrongValues(
  issues: readonly z.core.$ZodIssue[],
  query: URLSearchParams,
): ParameterProblem[] {
  return issues.map(({ path: [parameter], message }) => ({
    parameter: String(parameter),
    value: cut(query.get(String(parameter)) ?? ""),
    problem: message,
  }));
}

function cut(text: string): string {
  return text.length > MAX_REPEATED_VALUE
    ? `${text.slice(0, MAX_REPEATED_VALUE)}…`
    : text;
}
