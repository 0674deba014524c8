import type { EncodedWindow } from "../map/service_window_codec.ts";
import { joinBytes } from "../codec/join_bytes.ts";

/**
 * The most bytes of one half (summary or operations) of a window in one row.
 * A row may have 2 MB: two halves as hex text, which D1's protocol needs,
 * stay well below it.
 */
export const PART_BYTES = 256 * 1024;

/** A row's share of a window. */
export interface WindowPart extends EncodedWindow {
  /** From 0. */
  readonly part: number;
  /** How many the window has. */
  readonly parts: number;
}

/** Cuts a window into rows; nearly every window is one. */
export function cutWindow(encoded: EncodedWindow): WindowPart[] {
  const bytes = Math.max(encoded.summary.length, encoded.operations.length);
  const parts = Math.max(1, Math.ceil(bytes / PART_BYTES));
  return Array.from({ length: parts }, (_, part) => ({
    part,
    parts,
    summary: slice(encoded.summary, part),
    operations: slice(encoded.operations, part),
  }));
}

/** The window of its rows, which are in order and complete. */
export function joinParts(parts: readonly EncodedWindow[]): EncodedWindow {
  return {
    summary: joinBytes(parts.map((part) => part.summary)),
    operations: joinBytes(parts.map((part) => part.operations)),
  };
}

function slice(bytes: Uint8Array, part: number): Uint8Array {
  return bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
}
