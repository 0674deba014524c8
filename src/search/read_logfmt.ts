import { quotedText } from "./quoted_text.ts";

const PAIR =
  /([^\s="]+)(?:=("(?:[^"\\]|\\.)*"(?=\s|$)|[^\s"]*(?=\s|$)))?\s*/gsy;

/** Pairs of a text in logfmt, or what is wrong with it. */
export type LogfmtResult =
  | { readonly ok: true; readonly pairs: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads logfmt: `key=value other="with spaces"`.
 *
 * @example
 * ```ts
 * import { readLogfmt } from "../src/search/read_logfmt.ts";
 *
 * expect(readLogfmt('service.name=cart name="GET /"')).toEqual({
 *   ok: true,
 *   pairs: new Map([["service.name", "cart"], ["name", "GET /"]]),
 * });
 * ```
 */
export function readLogfmt(text: string): LogfmtResult {
  const pairs: Map<string, string> = new Map();
  const source = text.trim();
  let read = 0;
  for (const [piece, key = "", raw = ""] of source.matchAll(PAIR)) {
    const value = raw.startsWith('"') ? quotedText(raw) : raw;
    if (value === null) break;
    if (pairs.has(key)) return { ok: false, problem: `${key} comes twice` };
    pairs.set(key, value);
    read += piece.length;
  }
  return read === source.length ? { ok: true, pairs } : {
    ok: false,
    problem: `cannot be read at column ${read + 1}; it takes key=value ` +
      'pairs, as service.name=cart name="GET /"',
  };
}
