import type { DriftPosition } from "./drift_filter.ts";

/**
 * Where a page ends, as a text that a caller sends back as it is.
 *
 * @example
 * ```ts
 * import { decodeDriftCursor, encodeDriftCursor } from "../src/drift/drift_cursor.ts";
 *
 * const position = { timeMs: 1_700_000_000_000, id: "drift-1" };
 * expect(decodeDriftCursor(encodeDriftCursor(position))).toEqual(position);
 * expect(decodeDriftCursor("next")).toBe(null);
 * ```
 */
export function encodeDriftCursor({ timeMs, id }: DriftPosition): string {
  return `${timeMs}.${encodeURIComponent(id.toWellFormed())}`;
}

/** The position of a cursor; null where the text is none. */
export function decodeDriftCursor(text: string): DriftPosition | null {
  const [, time, id] = /^(\d{1,15})\.(.+)$/s.exec(text) ?? [];
  if (time === undefined || id === undefined) return null;
  try {
    return { timeMs: Number(time), id: decodeURIComponent(id) };
  } catch {
    return null;
  }
}
