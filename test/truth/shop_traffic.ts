import type { SeededRandom } from "../../src/local/seeded_random.ts";
import { Shop } from "../../src/local/shop.ts";
import { Journey } from "../../src/local/shop_journey.ts";
import { noTraffic, type ShopTraffic } from "../../src/local/shop_span.ts";
import { syncPrices } from "../../src/local/shop_steps.ts";

/** How far back the first visits begin: the current and earlier minutes. */
const SPREAD_MS = 150_000;
/** No span ends in the future: a visit takes less. */
const LONGEST_VISIT_MS = 10_000;
// A visit with its orders leaves fewer spans than this.
const VISIT_SPANS = 100;

/**
 * Traffic of exactly so many spans, that ended before `nowMs`.
 *
 * @param random Where all chance comes from.
 * @param options `nowMs`: ms since the epoch. `spans`: how many, above 0.
 */
export function shopTraffic(
  random: SeededRandom,
  { nowMs, spans }: { nowMs: number; spans: number },
): ShopTraffic {
  const traffic = noTraffic();
  const shop = new Shop(random);
  function startNs(): bigint {
    const agoMs = LONGEST_VISIT_MS + random.below(SPREAD_MS);
    return BigInt(nowMs - agoMs) * 1_000_000n;
  }
  while (traffic.spans.length < spans - VISIT_SPANS) {
    shop.visit(traffic, startNs());
  }
  shop.close(traffic);
  while (traffic.spans.length < spans) {
    syncPrices(new Journey(traffic, random, { startNs: startNs() }));
  }
  return traffic;
}
