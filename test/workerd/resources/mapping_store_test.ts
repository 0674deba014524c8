import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { flushMappings } from "../../../src/resources/flush_mappings.ts";
import { MappingBook } from "../../../src/resources/mapping_book.ts";
import {
  MAX_MAPPINGS,
  MAX_MAPPINGS_PER_SERVICE,
} from "../../../src/resources/mapping_limits.ts";
import type { MappingRow } from "../../../src/resources/mapping_row.ts";
import {
  purgeMappings,
  readMappings,
  writeMappings,
} from "../../../src/resources/mapping_store.ts";
import { FailingDatabase } from "../failing_database.ts";

function row(fields: Partial<MappingRow> = {}): MappingRow {
  return {
    service: "cart",
    source: "host.id",
    resource: "i-1",
    firstSeenMs: 1000,
    lastSeenMs: 2000,
    traces: 3,
    ...fields,
  };
}

test("writeMappings() adds to what is known of the same pair, by tenant", async () => {
  await writeMappings(env.DB, "sum", [row(), row({ service: "web" })]);
  await writeMappings(env.DB, "sum", [
    row({ firstSeenMs: 500, lastSeenMs: 1500, traces: 2 }),
  ]);
  await writeMappings(env.DB, "sum", [
    row({ firstSeenMs: 3000, lastSeenMs: 3000, traces: 1 }),
  ]);
  await writeMappings(env.DB, "another", [row({ resource: "secret" })]);
  expect(await readMappings(env.DB, "sum", 0)).toEqual([
    row({ firstSeenMs: 500, lastSeenMs: 3000, traces: 6 }),
    row({ service: "web" }),
  ]);
  expect(await readMappings(env.DB, "sum", 2001)).toHaveLength(1);
});

test("writeMappings() keeps MAX_MAPPINGS_PER_SERVICE of a service, those seen last", async () => {
  const rows = Array.from(
    { length: MAX_MAPPINGS_PER_SERVICE },
    (_, at) => row({ resource: `i-${at}`, lastSeenMs: 2000 + at }),
  );
  await writeMappings(env.DB, "full", [...rows, row({ service: "web" })]);
  expect(await readMappings(env.DB, "full", 0))
    .toHaveLength(MAX_MAPPINGS_PER_SERVICE + 1);
  await writeMappings(env.DB, "full", [
    row({ resource: "newer", lastSeenMs: 9000 }),
  ]);
  const kept = await readMappings(env.DB, "full", 0);
  expect(kept).toHaveLength(MAX_MAPPINGS_PER_SERVICE + 1);
  expect(kept.map(({ resource }) => resource)).not.toContain("i-0");
  expect(kept.map(({ service }) => service)).toContain("web");
});

test("readMappings() reads MAX_MAPPINGS of a tenant, and purgeMappings() leaves them, the last seen", async () => {
  const services = MAX_MAPPINGS / MAX_MAPPINGS_PER_SERVICE;
  for (let service = 0; service < services; service += 20) {
    const rows = Array.from(
      { length: 20 * MAX_MAPPINGS_PER_SERVICE },
      (_, at) =>
        row({
          service: `s${service + Math.floor(at / MAX_MAPPINGS_PER_SERVICE)}`,
          resource: `i-${at}`,
        }),
    );
    await writeMappings(env.DB, "many", rows);
  }
  expect(await readMappings(env.DB, "many", 0)).toHaveLength(MAX_MAPPINGS);
  await writeMappings(env.DB, "many", [
    row({ service: "newest", lastSeenMs: 9000 }),
  ]);
  const read = await readMappings(env.DB, "many", 0);
  expect(read).toHaveLength(MAX_MAPPINGS);
  expect(read[0]?.service).toBe("newest");
  await writeMappings(env.DB, "few", [row()]);
  await purgeMappings(env.DB, 0);
  const { results } = await env.DB.prepare(
    "SELECT tenant, count(*) AS n FROM resource_mapping " +
      "WHERE tenant IN ('many', 'few') GROUP BY tenant ORDER BY tenant",
  ).all();
  expect(results).toEqual([
    { tenant: "few", n: 1 },
    { tenant: "many", n: MAX_MAPPINGS },
  ]);
  expect(await readMappings(env.DB, "many", 0)).toEqual(read);
});

test("purgeMappings() deletes what was not seen since", async () => {
  await writeMappings(env.DB, "old", [
    row({ lastSeenMs: 10 }),
    row({ resource: "i-2", lastSeenMs: 11 }),
  ]);
  await purgeMappings(env.DB, 11);
  const left = await readMappings(env.DB, "old", 0);
  expect(left.map(({ resource }) => resource)).toEqual(["i-2"]);
});

test("flushMappings() keeps what D1 does not take, and writes it the next time", async () => {
  const book = new MappingBook();
  const seen = { tenant: "flushed", ...row({ traces: 2 }) };
  book.add(seen);
  const failing = new FailingDatabase(env.DB, { failAt: 1, moment: "before" });
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  await flushMappings(book, { DB: failing.database }, { nowMs: 2000 });
  vi.restoreAllMocks();
  expect(failing.failed).toBe(true);
  expect(await readMappings(env.DB, "flushed", 0)).toEqual([]);
  await flushMappings(book, env, { nowMs: 2000 });
  expect(await readMappings(env.DB, "flushed", 0)).toEqual([]);
  book.add(seen);
  await flushMappings(book, env, { nowMs: 2001, of: "flushed" });
  expect(await readMappings(env.DB, "flushed", 0))
    .toMatchObject([{ resource: "i-1", traces: 4 }]);
});
