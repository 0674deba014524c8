import { execFile } from "node:child_process";
import { cpSync, globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";

const { scripts } = JSON.parse(
  readFileSync(join(PROJECT_ROOT, "package.json"), "utf8"),
) as { scripts: Record<string, string> };

test("npm run generate:proto makes what proto/generated holds", async () => {
  const folder = temporaryFolder();
  const [program = "", ...options] = (scripts["generate:proto"] ?? "")
    .replace("-o proto/generated/", `-o ${folder}/`).split(" ");
  await run(program, options);
  expect(contentsOf(folder, "*"))
    .toEqual(contentsOf(join(PROJECT_ROOT, "proto/generated"), "*"));
});

test("npm run generate:migrations finds no schema without a migration", async () => {
  const migrations = join(PROJECT_ROOT, "migrations");
  // Below the root, because drizzle-kit takes relative folders alone.
  const folder = "dist/generated_migrations";
  const copy = join(PROJECT_ROOT, folder);
  rmSync(copy, { recursive: true, force: true });
  cpSync(migrations, copy, { recursive: true });
  await run("drizzle-kit", [
    "generate",
    "--dialect=sqlite",
    "--schema=./src/history/schema.ts",
    `--out=./${folder}`,
  ]);
  expect(contentsOf(copy, "*.sql")).toEqual(contentsOf(migrations, "*.sql"));
});

async function run(program: string, options: readonly string[]): Promise<void> {
  const path = join(PROJECT_ROOT, "node_modules/.bin", program);
  await promisify(execFile)(process.execPath, [path, ...options], {
    cwd: PROJECT_ROOT,
  });
}

function contentsOf(folder: string, pattern: string): Record<string, string> {
  return Object.fromEntries(
    globSync(pattern, { cwd: folder }).sort().map((
      file,
    ) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}
