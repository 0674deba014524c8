import { globSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  FIRST_VERSION_SHARDS,
  type FirstVersion,
  firstVersionStorage,
  readFirstVersion,
} from "../fixtures/first_version/first_version.ts";
import { startService } from "../harness/service.ts";
import { startServiceAt } from "../harness/service_at.ts";
import { askMap, askServices } from "../truth/ask.ts";
import {
  mapDifferences,
  serviceListDifferences,
} from "../truth/differences.ts";
import { exportBatches } from "../truth/export_batch.ts";
import { knownTruth, windowOf } from "../truth/known_truth.ts";
import { PersistentSender } from "../truth/persistent_sender.ts";
import { COMPLETE_WITHIN_MS, settle } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";
import { wholeDifferences } from "../truth/whole_differences.ts";

/** How long the first version was away, ms. */
const AWAY_MS = 3000;
const MONTH_MS = 30 * 24 * 60 * 60_000;
const variables = { TRACE_SHARDS: String(FIRST_VERSION_SHARDS) };

let first: FirstVersion;
beforeAll(() => {
  first = readFirstVersion();
});

test("the storage of the first version has something in every table of its objects", () => {
  const dataFolder = firstVersionStorage();
  const rows = new Map<string, number>();
  for (const file of globSync("do/*/*.sqlite", { cwd: dataFolder })) {
    const kind = file.split("/")[1]?.replace("tracecore-", "");
    const database = new DatabaseSync(join(dataFolder, file));
    const tables = database.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table'",
    ).all();
    for (const { name } of tables) {
      const [count] = database.prepare(`SELECT count(*) AS rows FROM "${name}"`)
        .all();
      const id = `${kind}.${String(name)}`;
      rows.set(id, (rows.get(id) ?? 0) + Number(count?.["rows"]));
    }
    database.close();
  }
  for (
    const table of [
      ...["journal", "segment", "chunk", "delta"]
        .map((name) => `TraceShard.${name}`),
      ...["owner", "window", "pending", "history", "source"]
        .map((name) => `ServiceAggregate.${name}`),
    ]
  ) expect([table, rows.get(table) ?? 0]).not.toEqual([table, 0]);
});

test("the present version goes on where the first one was killed: it counts what was waiting, nothing twice, and what comes after", async () => {
  const service = await startServiceAt({
    dataFolder: firstVersionStorage(),
    nowMs: first.killedMs + AWAY_MS,
    variables,
  });
  try {
    const { url } = service;
    expect(await serviceIds(url)).toEqual(trueIds());

    const random = new SeededRandom(2);
    const sender = new PersistentSender(
      url,
      random.shuffled([...first.acknowledged, ...first.unsent]),
    );
    await sender.done;
    expect(sender.problems).toEqual([]);
    const untilMs = Date.now() + 2 * COMPLETE_WITHIN_MS;
    expect(await wholeDifferences(first.traffic, { url, untilMs })).toEqual([]);
    expect(service.faults()).toEqual([]);
  } finally {
    await service.stop();
  }
});

test("the present version counts exactly what comes a month after the first one was killed", async () => {
  const nowMs = first.killedMs + MONTH_MS;
  const service = await startServiceAt({
    dataFolder: firstVersionStorage(),
    nowMs,
    variables,
  });
  try {
    const { url } = service;
    const random = new SeededRandom(3);
    const traffic = shopTraffic(random, { nowMs, spans: 1000 });
    const sender = new PersistentSender(
      url,
      exportBatches(traffic.spans, random),
    );
    await sender.done;
    expect(sender.problems).toEqual([]);
    // The diagnostics also tell of what waited and is too late by now.
    const truth = knownTruth(traffic);
    const window = windowOf(traffic);
    const { differences } = await settle(async () => [
      ...mapDifferences(await askMap(url, window), truth),
      ...serviceListDifferences(await askServices(url, window), truth),
    ], { untilMs: Date.now() + 2 * COMPLETE_WITHIN_MS });
    expect(differences).toEqual([]);
    expect(service.faults()).toEqual([]);
    expect(await serviceIds(url)).toEqual(trueIds());
  } finally {
    await service.stop();
  }
});

test("startService() on the storage of the first version starts without a fault, and knows its services", async () => {
  const service = await startService({
    dataFolder: firstVersionStorage(),
    env: variables,
  });
  try {
    const status = await fetch(`${service.url}/api/v1/status`);
    expect(await status.json()).toMatchObject({
      services: knownTruth(first.traffic).services.size,
    });
    expect(service.errors()).toBe("");
  } finally {
    await service.stop();
  }
});

/** Services that the first version's time has, as the answer names them. */
async function serviceIds(url: string): Promise<string[]> {
  const { services } = await askServices(url, windowOf(first.traffic));
  return services.map(({ id }) => id).toSorted();
}

function trueIds(): string[] {
  return [...knownTruth(first.traffic).services.keys()].toSorted();
}
