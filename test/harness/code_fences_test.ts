import { expect, test } from "vitest";
import { examplesOf, fencesOf } from "./code_fences.ts";

test("fencesOf() finds each fence with its info, code and line", () => {
  const markdown = "# A\n\n```sh runnable\nls\n```\n```\nplain\n\n```\n";
  expect(fencesOf(markdown)).toEqual([
    { info: "sh runnable", code: "ls\n", line: 3 },
    { info: "", code: "plain\n\n", line: 6 },
  ]);
});

test("examplesOf() finds the ts fences after @example alone", () => {
  const source = [
    "/** No example. */",
    "const a = 1;",
    "/**",
    " * ```ts",
    " * before();",
    " * ```",
    " * @example Twice",
    " * ```ts",
    " * if (a) {",
    " *   b();",
    " * }",
    " * ```",
    " * ```json",
    " * {}",
    " * ```",
    " */",
    "function b() {}",
    "/**",
    " * @example",
    " * ```ts",
    " * c();",
    " * ```",
    " */",
  ].join("\n");
  expect(examplesOf(source)).toEqual([
    { info: "ts", code: "if (a) {\n  b();\n}\n", line: 8 },
    { info: "ts", code: "c();\n", line: 20 },
  ]);
});
