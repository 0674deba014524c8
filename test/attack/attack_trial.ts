import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MAX_SERVICES_PER_TENANT } from "../../src/directory/admit_ids.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { residentMemory } from "../harness/resident_memory.ts";
import { type Service, startService } from "../harness/service.ts";
import { encodeBatch, exportBatches } from "../truth/export_batch.ts";
import { PersistentSender } from "../truth/persistent_sender.ts";
import { COMPLETE_WITHIN_MS } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";
import { wholeDifferences } from "../truth/whole_differences.ts";
import { hostileBatches } from "./hostile_batches.ts";

/** Objects of services: one each, and one for all that are beyond the limit. */
export const MAX_SERVICE_OBJECTS = MAX_SERVICES_PER_TENANT + 1;
/** Rows of one service's object after some minutes, in all its tables. */
export const MAX_ROWS_PER_SERVICE = 64;
/** What all files of the objects and of D1 take. */
export const MAX_DISK_BYTES = 512 * 1024 * 1024;
/** What workerd keeps, on one machine: 1,000 objects are awake at once. */
export const MAX_ATTACKED_MEMORY_BYTES = 1536 * 1024 * 1024;

const HONEST_SPANS = 2000;
const HOSTILE_SENDERS = 4;

/** What is left after an attack. */
export interface AttackReport {
  readonly serviceObjects: number;
  /** Of the object of a service that has the most. */
  readonly mostRows: number;
  readonly diskBytes: number;
  /** null where the system does not tell. */
  readonly memoryBytes: number | null;
  /** Refused requests, and all that honest traffic lacks on the map. */
  readonly problems: readonly string[];
}

/** Sends so many service and span names, with honest traffic beside them. */
export async function attack(
  names: number,
  seed: number,
): Promise<AttackReport> {
  const random = new SeededRandom(seed);
  const service = await startService();
  try {
    const { problems, memoryBytes } = await attackService(service, {
      names,
      random,
    });
    // Files come and go while a service ends by itself.
    await service.kill();
    return { ...storageOf(service.dataFolder), problems, memoryBytes };
  } finally {
    await service.kill();
  }
}

async function attackService(
  service: Service,
  { names, random }: { readonly names: number; readonly random: SeededRandom },
) {
  const { url } = service;
  const traffic = shopTraffic(random, {
    nowMs: Date.now(),
    spans: HONEST_SPANS,
  });
  // The honest services are there before the attack takes all places.
  const byService = Map.groupBy(traffic.spans, (span) => span.service);
  const first = [...byService.values()].map((own) =>
    encodeBatch(own.slice(0, 1))
  );
  const known = new PersistentSender(url, first);
  await known.done;
  const honest = new PersistentSender(
    url,
    exportBatches(traffic.spans, random),
    { concurrency: 1 },
  );
  const hostile = new PersistentSender(
    url,
    [...hostileBatches(random, names)],
    { concurrency: HOSTILE_SENDERS },
  );
  await Promise.all([honest.done, hostile.done]);
  const differences = await wholeDifferences(traffic, {
    url,
    untilMs: Date.now() + 2 * COMPLETE_WITHIN_MS,
    amongOthers: true,
  });
  const problems = [known, honest, hostile].flatMap(({ problems }) => problems);
  return {
    problems: [...problems, ...differences],
    memoryBytes: residentMemory(service.pid),
  };
}

function storageOf(dataFolder: string) {
  const files = readdirSync(dataFolder, { recursive: true, encoding: "utf8" })
    .map((name) => join(dataFolder, name))
    .filter((path) => statSync(path).isFile());
  const objects = files.filter((path) =>
    /-ServiceAggregate[/\\][0-9a-f]+\.sqlite$/.test(path)
  );
  // First: SQLite removes the log of a database that it has read.
  const diskBytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
  const mostRows = Math.max(...objects.map(rowsOf));
  return { serviceObjects: objects.length, mostRows, diskBytes };
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
