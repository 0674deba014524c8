import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from "yaml";

/** Characters of a configuration that are read. */
export const MAX_CONFIG_LENGTH = 256 * 1024;

/** A key of a YAML file. */
export interface ConfigEntry {
  /** With dots between, such as `exporters.tempo.endpoint`. */
  readonly path: string;
  /** The text of its value, or of its list; null for a section and nothing. */
  readonly value: string | null;
  /** From 1. */
  readonly line: number;
}

/** The keys of a file, each after the section it is in, or what is wrong. */
export type EntriesReading =
  | { readonly ok: true; readonly entries: readonly ConfigEntry[] }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads the keys of a YAML file, with their lines.
 *
 * @example
 * ```ts
 * import { readConfigEntries } from "../src/gateway/config_entries.ts";
 *
 * expect(readConfigEntries("a:\n  b: 1\n")).toEqual({
 *   ok: true,
 *   entries: [
 *     { path: "a", value: null, line: 1 },
 *     { path: "a.b", value: "1", line: 2 },
 *   ],
 * });
 * ```
 */
export function readConfigEntries(text: string): EntriesReading {
  if (text.length > MAX_CONFIG_LENGTH) {
    return wrong(`it has more than ${MAX_CONFIG_LENGTH} characters`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) return wrong(error.message);
  const { contents } = document;
  if (contents === null || isScalar(contents) && contents.value === null) {
    return { ok: true, entries: [] };
  }
  if (!isMap(contents)) return wrong("line 1: it must be a section");
  const entries: ConfigEntry[] = [];
  const problem = collect(contents, "");
  return problem === null ? { ok: true, entries } : wrong(problem);

  function collect(node: Node, above: string): string | null {
    if (!isMap(node)) return null;
    for (const { key, value } of node.items) {
      if (!isScalar(key)) return "a key is no text";
      const path = `${above}${String(key.value)}`;
      const { line } = lines.linePos(key.range?.[0] ?? 0);
      if (isAlias(value)) return `line ${line}: "${path}" is an alias`;
      const section = isMap(value) ? value : null;
      entries.push({ path, value: textOf(value), line });
      const deeper = section === null ? null : collect(section, `${path}.`);
      if (deeper !== null) return deeper;
    }
    return null;
  }
}

function textOf(value: unknown): string | null {
  if (isSeq(value)) return value.items.map(String).join(", ");
  if (!isScalar(value) || value.value === null) return null;
  // The document's own text: a number keeps its form.
  return value.source ?? JSON.stringify(value.value);
}

function wrong(problem: string): EntriesReading {
  return { ok: false, problem };
}
