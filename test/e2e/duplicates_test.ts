import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { startService } from "../harness/service.ts";
import { exportBatches } from "../truth/export_batch.ts";
import { PersistentSender } from "../truth/persistent_sender.ts";
import { COMPLETE_WITHIN_MS } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";
import { wholeDifferences } from "../truth/whole_differences.ts";

const TIMES = 3;
const CONCURRENCY = 32;

test("POST /v1/traces of every request three times, in random order and at once, makes the same map", async () => {
  const random = new SeededRandom(333);
  const traffic = shopTraffic(random, { nowMs: Date.now(), spans: 10_000 });
  const batches = exportBatches(traffic.spans, random);
  const all = random.shuffled(
    Array.from({ length: TIMES }, () => batches).flat(),
  );
  const service = await startService({ env: { TRACE_SHARDS: "3" } });
  try {
    const { url } = service;
    const sender = new PersistentSender(url, all, { concurrency: CONCURRENCY });
    await sender.done;
    expect(sender.problems).toEqual([]);
    expect(sender.acknowledged).toBe(all.length);
    const untilMs = Date.now() + 2 * COMPLETE_WITHIN_MS;
    expect(await wholeDifferences(traffic, { url, untilMs })).toEqual([]);
  } finally {
    await service.stop();
  }
});
