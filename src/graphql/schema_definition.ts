import * as z from "zod/mini";

/** A schema of whatever sort. */
export type Schema = z.core.$ZodType;
/** What a schema is made of; `type` tells which sort it is. */
export type Definition = z.core.$ZodTypes["_zod"]["def"];

/** What a schema is made of. */
export function definitionOf(schema: Schema): Definition {
  const { _zod: { def } } = schema as z.core.$ZodTypes;
  return def;
}

/** What a schema says of itself, or what it may be left out of. */
export function descriptionOf(schema: Schema): string | undefined {
  const own = z.globalRegistry.get(schema)?.description;
  if (own !== undefined) return own;
  const definition = definitionOf(schema);
  return "innerType" in definition
    ? descriptionOf(definition.innerType)
    : undefined;
}

/** The id that a schema is registered by, or the one that it was made from. */
export function idOfSchema(schema: Schema): string | undefined {
  const id = z.globalRegistry.get(schema)?.id;
  if (id !== undefined) return id;
  const { _zod: { parent } } = schema;
  return parent === undefined ? undefined : idOfSchema(parent);
}
