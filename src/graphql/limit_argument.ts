import type { GraphQLFieldConfigArgumentMap } from "graphql";
import * as z from "zod/mini";
import { limitParameter } from "../query/parameters.ts";
import { type Arguments, argumentsOf, readArguments } from "./arguments.ts";
import { costing } from "./field_cost.ts";

/** How many entries a list has. */
export interface ListLimit {
  /** Where no limit is given. */
  readonly usual: number;
  readonly most: number;
}

/** A list with a `limit`, as far as its field is concerned. */
export interface LimitedList {
  /** The argument, and what the list may cost. */
  readonly config: {
    readonly args: GraphQLFieldConfigArgumentMap;
    readonly extensions: ReturnType<typeof costing>["extensions"];
  };
  /** @throws {HttpProblem} 400 where the limit is too high or too low. */
  readonly read: (args: Arguments) => number;
}

/** A list that takes `limit` alone. */
export function limitedList({ usual, most }: ListLimit): LimitedList {
  const schema = z.object({ limit: z.optional(limitParameter(most)) });
  return {
    config: { args: argumentsOf(schema), ...costing({ size: usual }) },
    read: (args) => readArguments(schema, args).limit ?? usual,
  };
}
