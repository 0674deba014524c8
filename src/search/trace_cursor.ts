const BYTES = 32;
const PATTERN = /^[A-Za-z0-9_-]{43}$/;
const MAX_U64 = 2n ** 64n - 1n;

/** Where a page of traces ends. */
export interface TraceCursor {
  /** The start of the window of the first page, ns since the epoch. */
  readonly fromNs: bigint;
  /** When the last trace of the page starts, ns since the epoch. */
  readonly startNs: bigint;
  /** Its id, 32 hex digits, lower case. */
  readonly traceId: string;
}

/**
 * A cursor as a text that a caller sends back as it is. It holds the window's
 * start beside the position, since "an hour ago" is another moment by the time
 * the next page is asked for: a trace at the window's edge would be skipped.
 *
 * @example
 * ```ts
 * import { decodeCursor, encodeCursor } from "../src/search/trace_cursor.ts";
 *
 * const cursor = { fromNs: 1n, startNs: 2n, traceId: "0f".repeat(16) };
 * expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
 * expect(decodeCursor("next")).toBe(null);
 * ```
 */
export function encodeCursor(
  { fromNs, startNs, traceId }: TraceCursor,
): string {
  const bytes = new Uint8Array(BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, clamped(fromNs));
  view.setBigUint64(8, clamped(startNs));
  view.setBigUint64(16, BigInt(`0x${traceId.slice(0, 16)}`));
  view.setBigUint64(24, BigInt(`0x${traceId.slice(16)}`));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * The cursor of a text.
 *
 * @returns null where `encodeCursor` never gave that text.
 */
export function decodeCursor(text: string): TraceCursor | null {
  if (!PATTERN.test(text)) return null;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (one) => one.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const cursor = {
    fromNs: view.getBigUint64(0),
    startNs: view.getBigUint64(8),
    traceId: hex(view.getBigUint64(16)) + hex(view.getBigUint64(24)),
  };
  // The last character has bits to spare, and a trace starts in its window.
  return encodeCursor(cursor) === text && cursor.startNs >= cursor.fromNs
    ? cursor
    : null;
}

function clamped(ns: bigint): bigint {
  if (ns < 0n) return 0n;
  return ns > MAX_U64 ? MAX_U64 : ns;
}

function hex(half: bigint): string {
  return half.toString(16).padStart(16, "0");
}
