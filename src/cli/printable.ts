/** Controls, ends of lines, and what turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text that others wrote, safe to show on a terminal: a span's name could
 * hold what clears the screen or retitles the window.
 *
 * @example
 * ```ts
 * import { printable } from "../src/cli/printable.ts";
 *
 * expect(printable("GET /\u001b[2J")).toBe("GET /\ufffd[2J");
 * ```
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, "\ufffd");
}
