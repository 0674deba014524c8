/// <reference types="vite/types/importMeta.d.ts" />
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import {
  applySchemaSteps,
  type SchemaStep,
} from "../../src/storage/schema_steps.ts";

type Rows = Record<string, SqlStorageValue>[];

/** Every object's schema, later ones included. */
const schemas = Object.values(
  import.meta.glob<Record<string, readonly SchemaStep[]>>(
    "../../src/**/*_schema.ts",
    { eager: true },
  ),
).flatMap((module) => Object.entries(module))
  // The others are tables of D1, which has migrations.
  .filter(([name]) => name.endsWith("_SCHEMA"));

/** Values that a column of each type takes. */
const VALUES: Readonly<Record<string, SqlStorageValue>> = {
  INTEGER: 1,
  REAL: 0.5,
  TEXT: "kept",
  BLOB: Uint8Array.of(0, 1, 255).buffer,
};

function tablesOf({ sql }: DurableObjectStorage): string[] {
  return sql.exec<{ name: string }>(
    `SELECT name FROM sqlite_master
     WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'
     ORDER BY name`,
  ).toArray().map(({ name }) => name);
}

/** An empty storage, as a new object has. */
function clear(storage: DurableObjectStorage): void {
  for (const table of tablesOf(storage)) {
    storage.sql.exec(`DROP TABLE "${table}"`);
  }
}

function definitions({ sql }: DurableObjectStorage): Rows {
  return sql.exec(
    "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
  ).toArray();
}

/** One row in each table. */
function fill(storage: DurableObjectStorage): void {
  for (const table of tablesOf(storage)) {
    if (table === "schema_step") continue;
    const columns = storage.sql.exec<{ name: string; type: string }>(
      `SELECT name, type FROM pragma_table_info('${table}')`,
    ).toArray();
    storage.sql.exec(
      `INSERT INTO "${table}" (${columns.map(({ name }) => name).join()})
       VALUES (${columns.map(() => "?").join()})`,
      ...columns.map(({ type }) => VALUES[type] ?? null),
    );
  }
}

function contents(storage: DurableObjectStorage): Map<string, Rows> {
  return new Map(
    tablesOf(storage).filter((table) => table !== "schema_step").map((
      table,
    ) => [table, storage.sql.exec(`SELECT * FROM "${table}"`).toArray()]),
  );
}

test("every object with tables has its schema in a list that only grows", () => {
  expect(schemas.map(([name]) => name)).toEqual(
    expect.arrayContaining(["AGGREGATE_SCHEMA", "TRACE_SHARD_SCHEMA"]),
  );
  for (const [, steps] of schemas) {
    const ids = steps.map(({ id }) => id);
    expect(ids.map((id) => id.slice(0, 4))).toEqual(
      ids.map((_, at) => `${at.toString().padStart(3, "0")}_`),
    );
  }
});

describe.each(schemas)("%s", (name, steps) => {
  test.each(
    Array.from(steps, (_, at) => at),
  )(
    "applies from step %d on what the steps before it made, and keeps what is there",
    async (at) => {
      const stub = env.TRACE_SHARD.getByName(`evolution/${name}/${at}`);
      await runInDurableObject(stub, (_, { storage }) => {
        clear(storage);
        applySchemaSteps(storage, steps);
        const whole = definitions(storage);
        clear(storage);
        applySchemaSteps(storage, steps.slice(0, at + 1));
        fill(storage);
        const before = contents(storage);
        expect(before.size).toBeGreaterThan(0);
        applySchemaSteps(storage, steps);
        const after = contents(storage);
        for (const [table, rows] of before) {
          expect(after.get(table)).toEqual(
            rows.map((row) => expect.objectContaining(row)),
          );
        }
        expect(definitions(storage)).toEqual(whole);
      });
    },
  );
});
