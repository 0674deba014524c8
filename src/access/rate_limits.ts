import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import type { Caller } from "./caller.ts";
import { takeTokens, type TokenBucket } from "./token_bucket.ts";

/** The most buckets of an isolate; the one that was idle longest goes. */
export const MAX_RATE_BUCKETS = 4000;
/** Requests a second that one slot of KEY_RATE stands for. */
export const REQUESTS_PER_SLOT = 10;
/** The period of KEY_RATE in wrangler.toml, s. */
export const KEY_RATE_PERIOD_S = 10;

/** Why a request has to wait. */
export interface RateRefusal {
  /** Whole seconds, at least 1. */
  readonly retryAfterS: number;
  readonly reason: string;
  /** The reason in one word, for log and counters. */
  readonly word: string;
}

/** The rates of one isolate's callers. */
export class RateLimits {
  readonly #buckets: Map<string, TokenBucket> = new Map();
  readonly #slots: Map<string, number> = new Map();

  /** How many buckets there are. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes `amount` of a rate; returns how long to wait, s; 0 to go on. */
  take(
    name: string,
    taken: { perSecond: number; amount: number; nowMs: number },
  ): number {
    const { bucket, waitS } = takeTokens(this.#buckets.get(name), taken);
    putLast(this.#buckets, name, bucket);
    return waitS;
  }

  /** The slot of KEY_RATE whose turn it is: requests spread over all. */
  nextSlot(keyId: string, requestsPerSecond: number): string {
    const slots = Math.ceil(requestsPerSecond / REQUESTS_PER_SLOT);
    const turn = (this.#slots.get(keyId) ?? -1) + 1;
    putLast(this.#slots, keyId, turn % slots);
    return `${keyId}/${turn % slots}`;
  }
}

/** The rates of this isolate. */
export const isolateRates = new RateLimits();

/** How `admitRequest` decides. */
export interface AdmitOptions {
  readonly bindings: Pick<Bindings, "KEY_RATE">;
  readonly nowMs: number;
  /** @default those of this isolate */
  readonly rates?: RateLimits;
}

/**
 * Decides whether a caller may send one more request now: by this isolate's
 * count, and by that of the Cloudflare location where KEY_RATE is bound. To be
 * asked before the body is read. A KEY_RATE that fails lets requests through.
 *
 * @returns null to go on.
 */
export async function admitRequest(
  caller: Caller,
  { bindings, nowMs, rates = isolateRates }: AdmitOptions,
): Promise<RateRefusal | null> {
  const perSecond = caller.limits.requestsPerSecond;
  if (perSecond === null) return null;
  const waitS = rates.take(`${caller.keyId} requests`, {
    perSecond,
    amount: 1,
    nowMs,
  });
  if (waitS > 0) return refusal("request", { perSecond, waitS });
  const { KEY_RATE: binding } = bindings;
  if (binding === undefined) return null;
  const key = rates.nextSlot(caller.keyId, perSecond);
  try {
    const { success } = await binding.limit({ key });
    if (success) return null;
  } catch (error) {
    logFault("key_rate_failed", error, { key: caller.keyId });
    return null;
  }
  return refusal("request", { perSecond, waitS: KEY_RATE_PERIOD_S });
}

/**
 * Decides whether a caller may send these spans now, by this isolate's count.
 * To be asked once they are read. A batch larger than a burst passes too, and
 * the next ones wait the longer.
 *
 * @returns null to go on.
 */
export function admitSpans(
  caller: Caller,
  { spans, nowMs, rates = isolateRates }: {
    readonly spans: number;
    readonly nowMs: number;
    readonly rates?: RateLimits;
  },
): RateRefusal | null {
  const perSecond = caller.limits.spansPerSecond;
  if (perSecond === null || spans === 0) return null;
  const waitS = rates.take(`${caller.keyId} spans`, {
    perSecond,
    amount: spans,
    nowMs,
  });
  return waitS > 0 ? refusal("span", { perSecond, waitS }) : null;
}

function refusal(
  what: "request" | "span",
  { perSecond, waitS }: {
    readonly perSecond: number;
    readonly waitS: number;
  },
): RateRefusal {
  return {
    word: `${what}_rate`,
    retryAfterS: Math.max(1, Math.ceil(waitS)),
    reason: `The key may send ${perSecond} ${what}s a second, and has sent ` +
      "more: send again after the time in Retry-After",
  };
}

function putLast<T>(map: Map<string, T>, name: string, value: T): void {
  map.delete(name);
  map.set(name, value);
  if (map.size <= MAX_RATE_BUCKETS) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
