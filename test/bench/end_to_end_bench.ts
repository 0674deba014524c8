import { SeededRandom } from "../../src/local/seeded_random.ts";
import { startService } from "../harness/service.ts";
import { askMap } from "../truth/ask.ts";
import { mapDifferences } from "../truth/differences.ts";
import { exportBatches } from "../truth/export_batch.ts";
import { knownTruth, windowOf } from "../truth/known_truth.ts";
import { postBatches } from "../truth/post_batches.ts";
import { COMPLETE_WITHIN_MS, settle } from "../truth/settle.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";

const WARM_UP_SPANS = 5_000;
const SPANS = 60_000;

/** What the started service does in a second, over HTTP, on this machine. */
export interface EndToEndFigures {
  /** Spans posted, those sent twice included. */
  readonly spans: number;
  readonly requests: number;
  /** Bytes posted, as they went over the wire. */
  readonly bytes: number;
  /** Spans acknowledged a second, hence durable. */
  readonly spansPerSecond: number;
  /** From the last acknowledgement to a complete map, the 10 s that a lone
   * half is waited for included, s. */
  readonly completeAfterS: number;
}

/**
 * Posts a shop's spans to a service of its own, several requests at a time.
 *
 * @throws {Error} Where a request is not acknowledged, or the map is not exact
 * in time.
 */
export async function benchEndToEnd(): Promise<EndToEndFigures> {
  const service = await startService();
  try {
    const random = new SeededRandom(1);
    const warmUp = shopTraffic(random, {
      nowMs: Date.now() - 3_600_000,
      spans: WARM_UP_SPANS,
    });
    await postBatches(service.url, exportBatches(warmUp.spans, random));

    const traffic = shopTraffic(random, { nowMs: Date.now(), spans: SPANS });
    const batches = exportBatches(traffic.spans, random);
    const startedMs = Date.now();
    const posted = await postBatches(service.url, batches);
    if (posted.failures.length > 0) {
      throw new Error(`Not acknowledged: ${posted.failures.join("; ")}`);
    }
    const truth = knownTruth(traffic);
    const window = windowOf(traffic);
    const { differences, atMs } = await settle(
      async () => mapDifferences(await askMap(service.url, window), truth),
      { untilMs: posted.lastMs + 2 * COMPLETE_WITHIN_MS },
    );
    if (differences.length > 0) {
      throw new Error(`The map is not exact: ${differences.join("; ")}`);
    }
    const spans = batches.reduce((sum, batch) => sum + batch.spans, 0);
    return {
      spans,
      requests: batches.length,
      bytes: batches.reduce((sum, { body }) => sum + body.length, 0),
      spansPerSecond: spans / ((posted.lastMs - startedMs) / 1_000),
      completeAfterS: (atMs - posted.lastMs) / 1_000,
    };
  } finally {
    await service.stop();
  }
}
