/** Bytes of one blob in a row; the platform refuses rows above 2 MB. */
export const MAX_PART_BYTES = 1024 * 1024;

/**
 * Cuts bytes into parts that fit a row each; at least one.
 *
 * @example
 * ```ts
 * import { blobParts, joinBlobParts } from "../src/storage/blob_parts.ts";
 *
 * const bytes = new Uint8Array(3_000_000).fill(7);
 * const parts = blobParts(bytes);
 * expect(parts.length).toBe(3);
 * expect(joinBlobParts(parts)).toEqual(bytes);
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

/** The bytes of their parts, in order. */
export function joinBlobParts<Buffer extends ArrayBufferLike>(
  parts: readonly Uint8Array<Buffer>[],
): Uint8Array<Buffer | ArrayBuffer> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
