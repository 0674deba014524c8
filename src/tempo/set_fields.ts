/** The fields of a message that protobuf's JSON form has: those that are set. */
export type SetFields<Fields> = {
  [Name in keyof Fields]?: Fields[Name] extends bigint ? string
    : Exclude<Fields[Name], undefined>;
};

/**
 * A message in protobuf's JSON form: 64-bit integers as their digits, and
 * without fields of default value, which are "", 0, undefined and lists of
 * nothing. An object stays, even an empty one.
 *
 * @example
 * ```ts
 * import { setFields } from "../src/tempo/set_fields.ts";
 *
 * expect(setFields({ name: "", flags: 0, startNs: 7n, events: [], status: {} }))
 *   .toEqual({ startNs: "7", status: {} });
 * ```
 */
export function setFields<Fields extends object>(
  fields: Fields,
): SetFields<Fields> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => !isDefault(value))
      .map(([name, value]) => [
        name,
        typeof value === "bigint" ? String(value) : value as unknown,
      ]),
  ) as SetFields<Fields>;
}

function isDefault(value: unknown): boolean {
  return value === "" || value === 0 || value === 0n || value === undefined ||
    (Array.isArray(value) && value.length === 0);
}
