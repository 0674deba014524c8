import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
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
  "startService() after kill -9: what was acknowledged counts once, what is sent again too",
  async () => {
    const random = new SeededRandom(9);
    const traffic = shopTraffic(random, { nowMs: Date.now(), spans: 20_000 });
    const truth = knownTruth(traffic);
    const window = windowOf(traffic);
    const batches = exportBatches(traffic.spans, random);
    const dataFolder = temporaryFolder();
    // Links lead from one shard to another.
    const env = { TRACE_SHARDS: "3" };

    const first = await startService({ dataFolder, env });
    let killed: Promise<void> | undefined;
    const { acknowledged } = await postBatches(first.url, batches, {
      onAcknowledged(count) {
        if (count >= batches.length / 2) killed ??= first.kill();
      },
    });
    await killed;
    expect(acknowledged.size).toBeGreaterThanOrEqual(batches.length / 2);
    expect(acknowledged.size).toBeLessThan(batches.length);

    // The next one is killed when everything is acknowledged: the halves wait
    // in the shards, and the last second's numbers have not gone anywhere yet.
    const second = await startService({ dataFolder, env });
    const resent = random.shuffled(
      batches.filter((_, at) =>
        !acknowledged.has(at) || random.chance(RESENT_SHARE)
      ),
    );
    expect((await postBatches(second.url, resent)).failures).toEqual([]);
    await second.kill();

    const third = await startService({ dataFolder, env });
    try {
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
    } finally {
      await third.stop();
    }
  },
  120_000,
);
