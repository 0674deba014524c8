import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLFloat,
  GraphQLID,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLNullableOutputType,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLString,
} from "graphql";
import type * as z from "zod/mini";
import { camelCase, pascalCase } from "./camel_case.ts";
import { enumOf } from "./enum_types.ts";
import { FIELD_WORDS } from "./field_words.ts";
import type { GraphqlContext } from "./graphql_context.ts";
import { dateTimeType, jsonType } from "./scalars.ts";
import {
  type Definition,
  definitionOf,
  descriptionOf,
  idOfSchema,
  type Schema,
} from "./schema_definition.ts";
import { TYPE_NAMES, TYPE_WORDS } from "./type_words.ts";

/** Fields of one type. */
export type Fields<Source> = GraphQLFieldConfigMap<Source, GraphqlContext>;

/** What a type has beyond the answer that it is made from. */
export interface TypeAddition {
  /** Fields of the answer that are left out. */
  readonly without?: readonly string[];
  /** More fields, or others in the place of those of the answer. */
  readonly fields?: (types: OutputTypes) => Fields<never>;
}

/**
 * An answer whose parts may be worked out only where they are asked for.
 * Their names are the HTTP API's.
 */
export type Lazy<Answer> = {
  readonly [Key in keyof Answer]:
    | Answer[Key]
    | (() => MaybePromise<Answer[Key]>);
};

type MaybePromise<Value> = Value | Promise<Value>;

/**
 * GraphQL's types, made from the schemas of the HTTP API's answers: so each
 * field is described once, and the two cannot come apart. Names are in camel
 * case; numbers are Float, since Int ends at 2^31 and durations in ns do not.
 */
export class OutputTypes {
  readonly #types = new Map<string, GraphQLObjectType>();
  readonly #additions: Readonly<Record<string, TypeAddition>>;

  /** @param additions By the type's name. */
  constructor(additions: Readonly<Record<string, TypeAddition>>) {
    this.#additions = additions;
  }

  /** The type of an answer. */
  object(schema: z.ZodMiniObject, name: string): GraphQLObjectType {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const type = new GraphQLObjectType({
      name,
      description: TYPE_WORDS[name] ?? null,
      fields: () => this.#fields(schema, name),
    });
    this.#types.set(name, type);
    return type;
  }

  /** A type by its name, to be asked for where fields are made. */
  named(name: string): GraphQLObjectType {
    const type = this.#types.get(name);
    if (type === undefined) throw new RangeError(`No type "${name}" was made`);
    return type;
  }

  #fields(schema: z.ZodMiniObject, name: string): Fields<unknown> {
    const { without = [], fields } = this.#additions[name] ?? {};
    const own = Object.entries(schema.shape)
      .filter(([key]) => !without.includes(key))
      .map(([key, field]) =>
        [camelCase(key), this.#field(key, field, name)] as const
      );
    const answered: Fields<unknown> = Object.fromEntries(own);
    // Their sources are those of the answer.
    return { ...answered, ...fields?.(this) as Fields<unknown> };
  }

  #field(
    key: string,
    schema: Schema,
    parent: string,
  ): GraphQLFieldConfig<unknown, GraphqlContext> {
    const text = FIELD_WORDS[`${parent}.${key}`] ?? descriptionOf(schema) ??
      FIELD_WORDS[key];
    return {
      type: key === "id"
        ? new GraphQLNonNull(GraphQLID)
        : this.#type(schema, parent + pascalCase(key)),
      ...text === undefined ? {} : { description: text },
      resolve: (source) => partOf(source, key),
    };
  }

  #type(schema: Schema, name: string): GraphQLOutputType {
    const def = definitionOf(schema);
    if (def.type === "optional" || def.type === "nullable") {
      return nullable(this.#type(def.innerType, name));
    }
    if (def.type === "readonly") return this.#type(def.innerType, name);
    if (def.type === "record" || def.type === "lazy") {
      return new GraphQLNonNull(jsonType);
    }
    if (def.type === "unknown") return jsonType;
    return new GraphQLNonNull(this.#present(def, schema, name));
  }

  #present(
    def: Definition,
    schema: Schema,
    name: string,
  ): GraphQLNullableOutputType {
    if (def.type === "object") {
      const own = idOfSchema(schema) ?? TYPE_NAMES[name] ?? name;
      return this.object(schema as z.ZodMiniObject, own);
    }
    if (def.type === "array") {
      return new GraphQLList(this.#type(def.element, name));
    }
    if (def.type === "literal") return wordsType(def.values);
    if (def.type === "enum") return wordsType(Object.values(def.entries));
    if (def.type === "number") return GraphQLFloat;
    if (def.type === "boolean") return GraphQLBoolean;
    if (def.type === "string") {
      const isTime = "format" in def && def.format === "datetime";
      return isTime ? dateTimeType : GraphQLString;
    }
    throw new TypeError(`No type of GraphQL for "${def.type}" of ${name}`);
  }
}

/** The type of one of some words, or of a fixed value. */
export function wordsType(values: readonly unknown[]) {
  const words = values.filter((value) => typeof value === "string");
  return enumOf(words) ?? GraphQLString;
}

function nullable(type: GraphQLOutputType): GraphQLOutputType {
  return type instanceof GraphQLNonNull ? type.ofType : type;
}

function partOf(source: unknown, key: string): unknown {
  const part: unknown = (source as Readonly<Record<string, unknown>>)[key];
  return typeof part === "function" ? (part as () => unknown)() : part;
}
