/** The fields of an object that protobuf's JSON form has: those that are set. */
export type SetFields<Fields> = {
  [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
};

/**
 * A message of protobuf's JSON form without its fields of default value: "",
 * "0", 0, undefined and lists of nothing. An object stays, even an empty one.
 *
 * @example
 * ```ts
 * import { setFields } from "../src/tempo/set_fields.ts";
 *
 * expect(setFields({ name: "", flags: 0, events: [], status: {} }))
 *   .toEqual({ status: {} });
 * ```
 */
export function setFields<Fields extends object>(
  fields: Fields,
): SetFields<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => !isDefault(value)),
  ) as SetFields<Fields>;
}

function isDefault(value: unknown): boolean {
  return value === "" || value === "0" || value === 0 || value === undefined ||
    (Array.isArray(value) && value.length === 0);
}
