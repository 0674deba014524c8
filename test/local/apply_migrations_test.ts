import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyMigrations } from "../../src/local/apply_migrations.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";

let miniflare: Miniflare;
beforeAll(() => {
  miniflare = new Miniflare(convertV4MiniflareOptions({
    cf: false,
    telemetry: { enabled: false },
    modules: true,
    script: "export default {};",
    d1Databases: ["FRESH", "BROKEN"],
  }));
});
afterAll(async () => {
  await miniflare.dispose();
});

test("applyMigrations() applies each file once, in the order of names", async () => {
  const folder = temporaryFolder();
  const database = await miniflare.getD1Database("FRESH");
  writeFileSync(
    join(folder, "0000_make.sql"),
    "CREATE TABLE span (id INTEGER);\n--> statement-breakpoint\n" +
      "CREATE INDEX span_id ON span (id);\n",
  );
  writeFileSync(
    join(folder, "0001_fill.sql"),
    "INSERT INTO span VALUES (1); INSERT INTO span VALUES (2);",
  );
  const [first, second] = ["0000_make.sql", "0001_fill.sql"] as const;

  expect(await applyMigrations(database, { folder, files: [first] }))
    .toEqual([first]);
  const files = [second, first];
  expect(await applyMigrations(database, { folder, files })).toEqual([second]);
  expect(await applyMigrations(database, { folder, files })).toEqual([]);
  const spans = await database.prepare("SELECT id FROM span").all();
  expect(spans.results).toEqual([{ id: 1 }, { id: 2 }]);
  const book = await database
    .prepare("SELECT id, name FROM d1_migrations ORDER BY id").all();
  expect(book.results).toEqual([
    { id: 1, name: first },
    { id: 2, name: second },
  ]);
});

test("applyMigrations() leaves nothing of a migration that fails", async () => {
  const folder = temporaryFolder();
  const database = await miniflare.getD1Database("BROKEN");
  writeFileSync(
    join(folder, "0000_half.sql"),
    "CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES (1);",
  );
  await expect(applyMigrations(database, { folder, files: ["0000_half.sql"] }))
    .rejects.toThrow("nowhere");
  const tables = await database
    .prepare("SELECT name FROM sqlite_master WHERE name = 'half'").all();
  expect(tables.results).toEqual([]);
});
