import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { statusSchema } from "../../src/query/status.ts";
import { startService } from "../harness/service.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";
import { askDiagnostics, askMap, askServices } from "../truth/ask.ts";
import {
  diagnosticsDifferences,
  mapDifferences,
  serviceListDifferences,
} from "../truth/differences.ts";
import { exportBatches } from "../truth/export_batch.ts";
import { knownTruth, windowOf } from "../truth/known_truth.ts";
import { postBatches } from "../truth/post_batches.ts";
import { COMPLETE_WITHIN_MS, settle } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";

/** What is sent again though it was acknowledged, of the requests. */
const RESENT_SHARE = 0.2;

test(
  "startService() with another TRACE_SHARDS on the same data tears no pair and counts nothing twice",
  async () => {
    const random = new SeededRandom(21);
    const traffic = shopTraffic(random, { nowMs: Date.now(), spans: 8_000 });
    const truth = knownTruth(traffic);
    const window = windowOf(traffic);
    const batches = exportBatches(traffic.spans, random);
    const dataFolder = temporaryFolder();

    // Killed in the middle of the traffic: halves wait for their other half.
    const first = await startService({
      dataFolder,
      env: { TRACE_SHARDS: "1" },
    });
    let killed: Promise<void> | undefined;
    const { acknowledged } = await postBatches(first.url, batches, {
      onAcknowledged(count) {
        if (count >= batches.length / 3) killed ??= first.kill();
      },
    });
    await killed;
    expect(acknowledged.size).toBeLessThan(batches.length);

    const open = random.shuffled(
      batches.filter((_, at) => !acknowledged.has(at)),
    );
    const half = open.slice(0, open.length / 2);
    const again = batches.filter(() => random.chance(RESENT_SHARE));
    const second = await startService({
      dataFolder,
      env: { TRACE_SHARDS: "4" },
    });
    expect((await postBatches(second.url, [...half, ...again])).failures)
      .toEqual([]);
    await second.kill();

    const third = await startService({
      dataFolder,
      env: { TRACE_SHARDS: "2" },
    });
    try {
      const rest = open.slice(open.length / 2);
      const late = batches.filter(() => random.chance(RESENT_SHARE));
      expect((await postBatches(third.url, [...rest, ...late])).failures)
        .toEqual([]);
      const { differences } = await settle(
        async () => mapDifferences(await askMap(third.url, window), truth),
        { untilMs: Date.now() + COMPLETE_WITHIN_MS },
      );
      expect(differences).toEqual([]);
      expect(serviceListDifferences(
        await askServices(third.url, window),
        truth,
      )).toEqual([]);
      expect(diagnosticsDifferences(
        await askDiagnostics(third.url, window),
        truth,
      )).toEqual([]);
      const answer = await fetch(new URL("/api/v1/status", third.url));
      const status = statusSchema.parse(await answer.json());
      expect(status.shard_epochs.map(({ shards }) => shards)).toEqual([
        1,
        4,
        2,
      ]);
      expect(status.shards).toHaveLength(4);
    } finally {
      await third.stop();
    }
  },
);
