/** Longest value of an attribute that is kept, UTF-16 units; the rest is cut. */
export const MAX_VALUE_CHARS = 256;

/** Longest span name that is kept, UTF-16 units; the rest is cut. */
export const MAX_NAME_CHARS = 256;

/**
 * Longest `tracestate` that is kept, UTF-16 units. A longer one is dropped
 * whole: a cut one could state another sampling probability.
 */
export const MAX_TRACE_STATE_CHARS = 1024;

/**
 * The first `maxChars` UTF-16 units of a text, or one less where that would
 * cut a character in two.
 *
 * @example
 * ```ts
 * import { cutText } from "../src/otlp/text_limits.ts";
 *
 * expect(cutText("ab😀", 3)).toBe("ab");
 * expect(cutText("ab😀", 4)).toBe("ab😀");
 * ```
 */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const splits = isHighSurrogate(text.charCodeAt(maxChars - 1)) &&
    isLowSurrogate(text.charCodeAt(maxChars));
  return text.slice(0, splits ? maxChars - 1 : maxChars);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

/** A `tracestate`, or "" where it is too long. */
export function keptTraceState(text: string): string {
  return text.length > MAX_TRACE_STATE_CHARS ? "" : text;
}
