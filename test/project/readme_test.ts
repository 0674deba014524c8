import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { type CodeFence, fencesOf } from "../harness/code_fences.ts";
import { type Service, startService } from "../harness/service.ts";

/** The address that the examples name. */
const DOCUMENTED_URL = "http://127.0.0.1:4318";

const fences = fencesOf(readFileSync(join(PROJECT_ROOT, "README.md"), "utf8"));
const runnable = fences
  .map((fence, at) => ({
    ...fence,
    answer: fenceAfter(at, "json"),
    text: fenceAfter(at, "text output"),
  }))
  .filter(({ info }) => /^(sh|ts) runnable$/.test(info));

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => {
  await service.stop();
});

test("README.md has examples that run", () => {
  expect(runnable.length).toBeGreaterThan(0);
});

test.each(runnable)("README.md:$line holds", async (example) => {
  const code = example.code.replaceAll(DOCUMENTED_URL, service.url);
  const output = example.info.startsWith("sh")
    ? await runShell(code)
    : await runModule(code, example.line);
  if (example.answer !== undefined) {
    expect(shapeOf(JSON.parse(output)))
      .toMatchObject(shapeOf(JSON.parse(example.answer)) as object);
  }
  if (example.text !== undefined) {
    expect(linesOf(output)).toEqual(
      expect.arrayContaining(linesOf(example.text)),
    );
  }
});

/** The fence of a kind right after a fence: the output that it shows. */
function fenceAfter(
  at: number,
  info: "json" | "text output",
): string | undefined {
  const next: CodeFence | undefined = fences[at + 1];
  return next?.info === info ? next.code : undefined;
}

async function runShell(code: string): Promise<string> {
  const { stdout } = await promisify(execFile)("sh", ["-euc", code], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, TRACECORE_URL: service.url },
  });
  return stdout;
}

/** In the folder of the harness, which resolves the project's packages. */
async function runModule(code: string, line: number): Promise<string> {
  const file = join(PROJECT_ROOT, `dist/readme_${line}.ts`);
  writeFileSync(file, code);
  const { stdout } = await promisify(execFile)(process.execPath, [file], {
    cwd: PROJECT_ROOT,
  });
  return stdout;
}

/** Replaces each value by its type, and each list by its first element. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, shapeOf(part)]),
  );
}

/** Lines without what differs from run to run: figures, ids, widths. */
function linesOf(text: string): string[] {
  return text.replaceAll(/[0-9a-f]{16,}/g, "ID").replaceAll(/[\d.:]*\d/g, "N")
    .replaceAll(/█+/g, "█").replaceAll(/[ \u2500-\u257f]+/g, " ")
    .split("\n").map((line) => line.trim());
}
