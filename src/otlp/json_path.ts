import type { JsonCursor } from "./json_cursor.ts";
import { unescaped } from "./json_unescape.ts";

const DECODER = new TextDecoder();

/**
 * The path to the value that starts at offset `target` of a JSON body, as in
 * `resourceSpans[0].resource`; "" for the whole. The body has to be well formed
 * up to there; `cursor` is at its start.
 *
 * @example
 * ```ts
 * import { JsonCursor } from "../src/otlp/json_cursor.ts";
 * import { jsonPathTo } from "../src/otlp/json_path.ts";
 *
 * const body = new TextEncoder().encode('{"a": [1, {"b": 2}]}');
 * expect(jsonPathTo(new JsonCursor(body), 16)).toBe("a[1].b");
 * ```
 */
export function jsonPathTo(cursor: JsonCursor, target: number): string {
  const path: string[] = [];
  find(cursor, target, path);
  return path.join("");
}

function find(cursor: JsonCursor, target: number, path: string[]): boolean {
  const first = cursor.peek();
  if (cursor.at >= target) return true;
  if (first === 0x7b) {
    for (let more = cursor.firstField(); more; more = cursor.nextField()) {
      const key = keyOf(cursor);
      path.push(path.length === 0 ? key : `.${key}`);
      if (find(cursor, target, path)) return true;
      path.pop();
    }
  } else if (first === 0x5b) {
    let index = 0;
    for (let more = cursor.firstItem(); more; more = cursor.nextItem()) {
      path.push(`[${index++}]`);
      if (find(cursor, target, path)) return true;
      path.pop();
    }
  } else cursor.skip();
  return false;
}

function keyOf(cursor: JsonCursor): string {
  const { at, end } = cursor.key();
  return DECODER.decode(unescaped(cursor.bytes, at + 1, end - 1));
}
