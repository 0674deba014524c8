import { askedHash, keyHash } from "./attribute_hash.ts";

/** Values of indexed attributes that a summary tells of; of more it tells none. */
export const MAX_SUMMARY_ATTRIBUTES = 1024;

/** Which values some attributes have in a trace. */
export interface IndexedAttributes {
  /** The attributes of which it is known; of others it is not. */
  readonly keys: ReadonlySet<string>;
  /** Of their values, on whichever span or resource. */
  readonly hashes: Set<number>;
}

/** Of no attribute it is known. */
export const UNINDEXED: IndexedAttributes = {
  keys: new Set(),
  hashes: new Set(),
};

/** Those of a trace without spans. */
export function noAttributes(keys: ReadonlySet<string>): IndexedAttributes {
  return keys.size === 0 ? UNINDEXED : { keys, hashes: new Set() };
}

/**
 * Adds the values of another span to those that are known.
 *
 * @returns What is known then: `UNINDEXED` from too many on.
 */
export function withHashes(
  known: IndexedAttributes,
  hashes: Iterable<number>,
): IndexedAttributes {
  if (known.keys.size === 0) return known;
  for (const hash of hashes) known.hashes.add(hash);
  return known.hashes.size > MAX_SUMMARY_ATTRIBUTES ? UNINDEXED : known;
}

/** Those of a trace of which two parts are known; changes neither. */
export function joinedAttributes(
  known: IndexedAttributes,
  other: IndexedAttributes,
): IndexedAttributes {
  if (!hasSameKeys(known, other)) return UNINDEXED;
  return withHashes(copyAttributes(known), other.hashes);
}

/** The same, which can be added to. */
export function copyAttributes(known: IndexedAttributes): IndexedAttributes {
  return { keys: known.keys, hashes: new Set(known.hashes) };
}

/** Whether both know of the same attributes. */
export function hasSameKeys(
  { keys }: IndexedAttributes,
  other: IndexedAttributes,
): boolean {
  return keys === other.keys || (
    keys.size === other.keys.size &&
    [...keys].every((key) => other.keys.has(key))
  );
}

/** A value that is asked for. */
export interface AskedValue {
  readonly key: string;
  readonly value: string | number | boolean;
}

/**
 * Whether a trace may have such an attribute.
 *
 * @example
 * ```ts
 * import { mayHave, noAttributes } from "../src/trace_index/indexed_attributes.ts";
 *
 * const none = noAttributes(new Set(["user.id"]));
 * expect(mayHave(none, { key: "user.id", value: "7" })).toBe(false);
 * expect(mayHave(none, { key: "cart.id", value: "7" })).toBe(true);
 * ```
 */
export function mayHave(
  { keys, hashes }: IndexedAttributes,
  { key, value }: AskedValue,
): boolean {
  if (!keys.has(key)) return true;
  const hash = askedHash(keyHash(key), value);
  return hash === null || hashes.has(hash);
}
