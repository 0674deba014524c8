import { execFile } from "node:child_process";
import { cpSync, globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";

test("npm run generate:migrations finds no schema without a migration", async () => {
  const migrations = join(PROJECT_ROOT, "migrations");
  // Below the root, because drizzle-kit takes relative folders alone.
  const folder = "dist/generated_migrations";
  const copy = join(PROJECT_ROOT, folder);
  rmSync(copy, { recursive: true, force: true });
  cpSync(migrations, copy, { recursive: true });
  await promisify(execFile)(process.execPath, [
    join(PROJECT_ROOT, "node_modules/.bin/drizzle-kit"),
    "generate",
    "--dialect=sqlite",
    "--schema=./src/{history/schema,access/key_schema,drift/drift_schema,resources/resource_schema,correlation_report/report_schema,anomaly/anomaly_schema}.ts",
    `--out=./${folder}`,
  ], { cwd: PROJECT_ROOT });
  const made = contentsOf(copy);
  expect(Object.keys(made)).not.toEqual([]);
  expect(made).toEqual(contentsOf(migrations));
});

function contentsOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    globSync("*.sql", { cwd: folder }).sort()
      .map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}
