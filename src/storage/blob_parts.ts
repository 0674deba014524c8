/** Bytes of one blob in a row; the platform refuses rows above 2 MB. */
export const MAX_PART_BYTES = 1024 * 1024;

/**
 * Cuts bytes into parts that fit a row each; at least one.
 *
 * @example
 * ```ts
 * import { joinBytes } from "../src/codec/join_bytes.ts";
 * import { blobParts } from "../src/storage/blob_parts.ts";
 *
 * const bytes = new Uint8Array(3_000_000).fill(7);
 * const parts = blobParts(bytes);
 * expect(parts.length).toBe(3);
 * expect(joinBytes(parts)).toEqual(bytes);
 * ```
 */
export function blobParts(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / MAX_PART_BYTES));
  return Array.from(
    { length: count },
    (_, part) =>
      bytes.subarray(part * MAX_PART_BYTES, (part + 1) * MAX_PART_BYTES),
  );
}
