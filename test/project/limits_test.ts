import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";

function textsOf(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: PROJECT_ROOT })
    .map((file) => readFileSync(join(PROJECT_ROOT, file), "utf8"));
}

test("every limit that a source exports is named in a test", () => {
  const limits = [
    ...textsOf("src/**/*.ts"),
    ...textsOf("durable-objects/*.ts"),
  ].flatMap((text) =>
    Array.from(text.matchAll(/^export const (MAX_\w+)/gm), ([, name]) => name)
  );
  const tests = textsOf("test/**/*_test.ts").join("\n");
  expect(limits.length).toBeGreaterThan(40);
  const untested = limits.filter((name) =>
    !new RegExp(`\\b${name}\\b`).test(tests)
  );
  expect(untested).toEqual([]);
});
