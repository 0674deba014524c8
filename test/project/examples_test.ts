import {
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { type CodeFence, examplesOf } from "../harness/code_fences.ts";

/** Two levels below the root, where an example's "../src/" is "../../src/". */
const FOLDER = join(PROJECT_ROOT, "dist/examples");

const examples = globSync("src/**/*.ts", { cwd: PROJECT_ROOT }).sort()
  .flatMap((file) =>
    examplesOf(readFileSync(join(PROJECT_ROOT, file), "utf8"))
      .map((example) => ({ file, ...example }))
  );

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });

describe("@example", () => {
  test("is there for every part of the project", () => {
    const folders = new Set(examples.map(({ file }) => file.split("/")[1]));
    expect([...folders]).toEqual(
      expect.arrayContaining(["ingest", "map", "otlp", "query", "trace"]),
    );
  });

  test.each(examples)("$file:$line holds", async (example) => {
    expect.hasAssertions();
    await import(/* @vite-ignore */ moduleOf(example));
  });
});

function moduleOf(
  { file, line, code }: CodeFence & { readonly file: string },
): string {
  const name = `${file.replaceAll(/[/.]/g, "_")}_${line}.ts`;
  const path = join(FOLDER, name);
  writeFileSync(
    path,
    `import { expect } from "vitest";\n` +
      code.replaceAll('"../src/', '"../../src/'),
  );
  return path;
}
