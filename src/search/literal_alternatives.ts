const PIECE = /\\([^A-Za-z0-9])|([^\\.*+?()[\]{}^$|])|(\|)/gsy;

/**
 * The texts that a regular expression of nothing but texts matches:
 * `cart|web`. Grafana writes such a one where several values are chosen.
 *
 * @returns null where it is more than that.
 *
 * @example
 * ```ts
 * import { literalAlternatives } from "../src/search/literal_alternatives.ts";
 *
 * expect(literalAlternatives("cart|web\\.v1")).toEqual(["cart", "web.v1"]);
 * expect(literalAlternatives("web.*")).toBe(null);
 * ```
 */
export function literalAlternatives(
  pattern: string,
): readonly string[] | null {
  const texts: string[] = [];
  let text = "";
  let read = 0;
  for (const [piece, escaped, plain] of pattern.matchAll(PIECE)) {
    read += piece.length;
    if (escaped === undefined && plain === undefined) {
      texts.push(text);
      text = "";
    } else text += escaped ?? plain ?? "";
  }
  return read === pattern.length ? [...texts, text] : null;
}
