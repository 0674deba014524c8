import { anomalyAnswer } from "../anomaly/anomaly_answer.ts";
import { readAnomaly } from "../anomaly/anomaly_store.ts";
import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import { settledWithin } from "../storage/settled_within.ts";
import { liveHubOf } from "./live_hub_stub.ts";
import type { LiveNews } from "./live_news.ts";

/** How long telling of news may take, ms: then it is given up. */
export const TELL_NEWS_MS = 2000;

/**
 * Tells the listeners of what became known; never throws. To be called only
 * where somebody listens.
 *
 * @returns Whether anybody listens, as far as known.
 */
export async function tellNews(
  bindings: Pick<Bindings, "LIVE_HUB">,
  tenant: string,
  news: readonly LiveNews[],
): Promise<boolean> {
  let isHeard = true;
  try {
    const told = Promise.resolve(liveHubOf(bindings, tenant).announce(news))
      .then((heard) => isHeard = heard);
    if (await settledWithin(told, TELL_NEWS_MS)) return isHeard;
    throw new Error(`The hub did not answer in ${TELL_NEWS_MS} ms`);
  } catch (error) {
    logFault("live_news_not_told", error);
    return true;
  }
}

/**
 * Tells the listeners of an anomaly as it is stored now, where it was raised;
 * never throws.
 *
 * @returns Whether anybody listens, as far as known.
 */
export async function tellOfAnomaly(
  bindings: Pick<Bindings, "LIVE_HUB" | "DB">,
  tenant: string,
  id: string,
): Promise<boolean> {
  try {
    const stored = await readAnomaly(bindings.DB, tenant, id);
    if (stored === null || stored.anomaly.raisedMs === null) return true;
    const data = anomalyAnswer(stored);
    return await tellNews(bindings, tenant, [{ event: "anomaly", data }]);
  } catch (error) {
    logFault("live_news_not_told", error);
    return true;
  }
}
