/** How deep arrays and objects of a body may stand in one another. */
export const MAX_BODY_DEPTH = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** JSON that was parsed, or why it was not. */
export type JsonResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };

/**
 * Parses JSON that is not too deep: what goes down into a value, to check or to
 * write it, could end the request beyond some thousand levels.
 *
 * @example
 * ```ts
 * import { boundedJson } from "../src/http/bounded_json.ts";
 *
 * expect(boundedJson('{"a":[1]}')).toEqual({ ok: true, value: { a: [1] } });
 * expect(boundedJson("[".repeat(101)).ok).toBe(false);
 * ```
 */
export function boundedJson(text: string): JsonResult {
  if (isDeeperThan(text, MAX_BODY_DEPTH)) {
    return { ok: false, problem: `it is deeper than ${MAX_BODY_DEPTH} levels` };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, problem: "it is no JSON" };
  }
}

function isDeeperThan(text: string, most: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (quoted) {
      if (unit === BACKSLASH) at++;
      else if (unit === QUOTE) quoted = false;
    } else if (unit === QUOTE) quoted = true;
    else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > most) return true;
    } else if (unit === 0x5d || unit === 0x7d) depth--;
  }
  return false;
}
