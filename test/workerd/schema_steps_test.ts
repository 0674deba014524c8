import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  applySchemaSteps,
  type SchemaStep,
} from "../../src/storage/schema_steps.ts";

const FIRST: SchemaStep = {
  id: "900_first",
  statements: ["CREATE TABLE animal (name TEXT)"],
};
const SECOND: SchemaStep = {
  id: "901_second",
  statements: [
    "ALTER TABLE animal ADD COLUMN legs INTEGER",
    "INSERT INTO animal VALUES ('cat', 4)",
  ],
};

async function withEmptyStorage(
  name: string,
  use: (storage: DurableObjectStorage) => void,
): Promise<void> {
  const stub = env.TRACE_SHARD.getByName(`schema/${name}`);
  await runInDurableObject(stub, (_, state) => {
    state.storage.sql.exec("DROP TABLE schema_step");
    use(state.storage);
  });
}

test("applySchemaSteps() runs each step once, in order", async () => {
  await withEmptyStorage("once", (storage) => {
    applySchemaSteps(storage, [FIRST]);
    applySchemaSteps(storage, [FIRST, SECOND]);
    applySchemaSteps(storage, [FIRST, SECOND]);
    expect(storage.sql.exec("SELECT * FROM animal").toArray())
      .toEqual([{ name: "cat", legs: 4 }]);
  });
});

test("applySchemaSteps() runs all of a step or nothing of it", async () => {
  await withEmptyStorage("whole", (storage) => {
    applySchemaSteps(storage, [FIRST]);
    const broken = {
      ...SECOND,
      statements: [...SECOND.statements, "INSERT INTO nowhere VALUES (1)"],
    };
    expect(() => applySchemaSteps(storage, [FIRST, broken])).toThrow("nowhere");
    applySchemaSteps(storage, [FIRST, SECOND]);
    expect(storage.sql.exec("SELECT * FROM animal").toArray()).toHaveLength(1);
  });
});

test("applySchemaSteps() refuses storage that is ahead of the code or differs", async () => {
  await withEmptyStorage("ahead", (storage) => {
    applySchemaSteps(storage, [FIRST, SECOND]);
    expect(() => applySchemaSteps(storage, [FIRST]))
      .toThrow('step 1 is "901_second", this code has "none"');
    expect(() => applySchemaSteps(storage, [SECOND])).toThrow("step 0");
  });
});
