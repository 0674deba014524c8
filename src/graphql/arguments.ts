import {
  GraphQLBoolean,
  type GraphQLFieldConfigArgumentMap,
  GraphQLID,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
} from "graphql";
import type * as z from "zod/mini";
import type { ParameterProblem } from "../http/http_problem.ts";
import { wrongParameters } from "../query/asked.ts";
import { readParameters } from "../query/read_parameters.ts";
import { camelCase } from "./camel_case.ts";
import { ARGUMENT_WORDS, FIELD_WORDS } from "./field_words.ts";
import { wordsType } from "./output_types.ts";
import {
  definitionOf,
  descriptionOf,
  type Schema,
} from "./schema_definition.ts";

type Shape = z.core.$ZodLooseShape;

/** Arguments as they come in. */
export type Arguments = Readonly<Record<string, unknown>>;

const WHOLE = new Set(["limit", "depth"]);

/** The arguments of a field that takes what a call of the HTTP API takes. */
export function argumentsOf(
  schema: z.ZodMiniObject,
): GraphQLFieldConfigArgumentMap {
  return Object.fromEntries(
    Object.entries(schema.shape).map(([key, parameter]) => {
      const text = ARGUMENT_WORDS[key] ?? descriptionOf(parameter) ??
        FIELD_WORDS[key];
      const type = argumentType(key, parameter);
      return [camelCase(key), {
        type,
        ...text === undefined ? {} : { description: text },
      }];
    }),
  );
}

/**
 * Arguments as the HTTP API's schema reads them: what is wrong there is wrong
 * here, in the same words.
 *
 * @throws {HttpProblem} 400 that names each wrong argument.
 */
export function readArguments<Own extends Shape>(
  schema: z.ZodMiniObject<Own>,
  args: Arguments,
): z.output<z.ZodMiniObject<Own>> {
  const read = readParameters(schema, queryOf(schema, args));
  if (!read.ok) throw wrongArguments(read.problems);
  return read.value;
}

/** The answer to wrong arguments: it names each as GraphQL does. */
export function wrongArguments(problems: readonly ParameterProblem[]): Error {
  return wrongParameters(
    problems.map(({ parameter, ...rest }) => ({
      parameter: camelCase(parameter),
      ...rest,
    })),
  );
}

/** Arguments as the parameters of a query; those that are null are left out. */
export function queryOf(
  schema: z.ZodMiniObject,
  args: Arguments,
): URLSearchParams {
  const query = new URLSearchParams();
  for (const key of Object.keys(schema.shape)) {
    const value = args[camelCase(key)];
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      query.append(key, textOf(one));
    }
  }
  return query;
}

/** GraphQL lets text, numbers and truth values in alone. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function argumentType(key: string, schema: Schema): GraphQLInputType {
  const def = definitionOf(schema);
  if (def.type === "optional") return optionalType(key, def.innerType);
  return new GraphQLNonNull(optionalType(key, schema));
}

function optionalType(
  key: string,
  schema: Schema,
):
  | GraphQLInputType & { readonly ofType?: never }
  | GraphQLList<GraphQLInputType> {
  const def = definitionOf(schema);
  if (WHOLE.has(key)) return GraphQLInt;
  if (key === "attribute") {
    return new GraphQLList(new GraphQLNonNull(GraphQLString));
  }
  if (key.endsWith("_id")) return GraphQLID;
  if (def.type !== "literal") return GraphQLString;
  return def.values.includes("true") ? GraphQLBoolean : wordsType(def.values);
}
