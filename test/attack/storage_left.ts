import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What a service that is over has left on its disk. */
export interface StorageLeft {
  /** Objects of all kinds. */
  readonly objects: number;
  /** Those that own a service's aggregates. */
  readonly serviceObjects: number;
  /** Of the object of a service that has the most, in all its tables. */
  readonly mostRows: number;
  /** Of D1, in all its tables. */
  readonly historyRows: number;
  /** Of all files. */
  readonly diskBytes: number;
}

/** What is in the data folder of a service that is over. */
export function storageLeft(dataFolder: string): StorageLeft {
  const files = readdirSync(dataFolder, { recursive: true, encoding: "utf8" })
    .map((name) => join(dataFolder, name))
    .filter((path) => statSync(path).isFile());
  // First: SQLite removes the log of a database that it has read.
  const diskBytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
  const objects = files.filter((path) =>
    /[/\\]do[/\\][^/\\]+[/\\][0-9a-f]+\.sqlite$/.test(path)
  );
  const ofServices = objects.filter((path) =>
    /-ServiceAggregate[/\\]/.test(path)
  );
  const history = files.filter((path) => /[/\\]d1[/\\].*\.sqlite$/.test(path));
  return {
    objects: objects.length,
    serviceObjects: ofServices.length,
    mostRows: Math.max(...ofServices.map(rowsOf)),
    historyRows: history.map(rowsOf).reduce((sum, rows) => sum + rows, 0),
    diskBytes,
  };
}

function rowsOf(path: string): number {
  const database = new DatabaseSync(path);
  try {
    const tables = database.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table'",
    ).all().map(({ name }) => String(name));
    return tables.reduce((sum, table) => {
      const row = database.prepare(`SELECT count(*) AS n FROM "${table}"`)
        .get();
      return sum + Number(row?.["n"]);
    }, 0);
  } finally {
    database.close();
  }
}
