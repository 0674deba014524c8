/**
 * Parsed JSON that forgets nothing: of an object every field in order, those of
 * the same key too; of a number all that was written.
 */
export type JsonNode =
  | string
  | boolean
  | null
  | { readonly number: string }
  | { readonly fields: readonly (readonly [key: string, value: JsonNode])[] }
  | readonly JsonNode[];

// In what is JSON, these are the strings and the numbers.
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Parses JSON by `JSON.parse`; null where that refuses it. */
export function jsonTree(text: string): { readonly root: JsonNode } | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let count = 0;
  // Keys get a number, so that none replaces another; values their type.
  const marked = text.replaceAll(TOKENS, (token: string, at: number) => {
    if (!token.startsWith('"')) return `"#${token}"`;
    const isKey = /^[ \t\n\r]*:/.test(text.slice(at + token.length));
    return isKey ? `"k${count++} ${token.slice(1)}` : `"$${token.slice(1)}`;
  });
  return { root: nodeOf(JSON.parse(marked)) };
}

function nodeOf(marked: unknown): JsonNode {
  if (typeof marked === "string") {
    return marked.startsWith("$")
      ? marked.slice(1)
      : { number: marked.slice(1) };
  }
  if (typeof marked === "boolean" || marked === null) return marked;
  if (Array.isArray(marked)) return marked.map(nodeOf);
  return {
    fields: Object.entries(marked as object).map(([key, value]) =>
      [key.slice(key.indexOf(" ") + 1), nodeOf(value)] as const
    ),
  };
}
