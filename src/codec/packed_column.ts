/** Bits of a value of a packed column, at the most. */
export const MAX_PACKED_BITS = 24;
/** What stands in place of the bits where the values are floats. */
export const FLOATS = 32;

/** The largest whole number whose zigzag varint there is. */
const MAX_WHOLE = 2 ** 51;

/**
 * How many bits each of these values takes above the least one; `FLOATS` where
 * they are not whole numbers close enough to each other.
 */
export function packedBits(values: ArrayLike<number>): number {
  let least = Infinity;
  let most = -Infinity;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    if (!Number.isInteger(value) || Math.abs(value) > MAX_WHOLE) return FLOATS;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const range = Math.max(0, most - least);
  const bits = range === 0 ? 0 : Math.floor(Math.log2(range)) + 1;
  return bits > MAX_PACKED_BITS ? FLOATS : bits;
}
