/** A fenced piece of code. */
export interface CodeFence {
  /** What follows the opening fence, such as "ts" or "sh runnable". */
  readonly info: string;
  readonly code: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

const FENCE = /^(?<indent> *)```(?<info>[^\n`]*)\n(?<code>[\s\S]*?)^ *```$/gm;
const DOC_COMMENT = /\/\*\*[\s\S]*?\*\//g;

/** The fences of a Markdown text. */
export function fencesOf(markdown: string): CodeFence[] {
  return [...markdown.matchAll(FENCE)].map(({ index, groups = {} }) => ({
    info: groups["info"]?.trim() ?? "",
    code: groups["code"] ?? "",
    line: markdown.slice(0, index).split("\n").length,
  }));
}

/** The `ts` fences after `@example` in the doc comments of a source. */
export function examplesOf(source: string): CodeFence[] {
  const examples: CodeFence[] = [];
  for (const { 0: comment, index } of source.matchAll(DOC_COMMENT)) {
    const start = comment.indexOf("@example");
    if (start === -1) continue;
    const before = source.slice(0, index + start).split("\n").length - 1;
    const text = comment.slice(start).replaceAll(/^ *\* ?/gm, "");
    for (const fence of fencesOf(text)) {
      if (fence.info !== "ts") continue;
      examples.push({ ...fence, line: before + fence.line });
    }
  }
  return examples;
}
