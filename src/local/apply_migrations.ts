import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { unstable_splitSqlQuery as splitSqlQuery } from "wrangler";

/** The parts of a D1 database that applying migrations needs. */
export interface MigratedDatabase<Statement> {
  prepare(query: string): Statement & {
    bind(...values: unknown[]): Statement;
    all(): Promise<{ results: Record<string, unknown>[] }>;
  };
  batch(statements: Statement[]): Promise<unknown>;
}

const CREATE_BOOK = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;
const RECORD = `INSERT INTO "d1_migrations" (name) VALUES (?)`;

/**
 * Applies the migrations that a database has not seen, in the order of their
 * names, each in a transaction of its own, and keeps the same book of them as
 * `wrangler d1 migrations apply`.
 *
 * @param files Names of the migrations' files in `folder`.
 * @returns The names of those applied now.
 */
export async function applyMigrations<Statement>(
  database: MigratedDatabase<Statement>,
  { folder, files }: {
    readonly folder: string;
    readonly files: readonly string[];
  },
): Promise<string[]> {
  await database.batch([database.prepare(CREATE_BOOK)]);
  const { results } = await database
    .prepare(`SELECT name FROM "d1_migrations"`).all();
  const known = new Set(results.map((row) => row["name"]));
  const missing = files.filter((file) => !known.has(file)).toSorted();
  for (const file of missing) {
    const queries = splitSqlQuery(await readFile(join(folder, file), "utf8"));
    await database.batch([
      ...queries.map((query) => database.prepare(query)),
      database.prepare(RECORD).bind(file),
    ]);
  }
  return missing;
}
