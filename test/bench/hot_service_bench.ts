import { SeededRandom } from "../../src/local/seeded_random.ts";
import type { ShopSpan } from "../../src/local/shop_span.ts";
import { type Service, startService } from "../harness/service.ts";
import { encodeBatch, type ExportBatch } from "../truth/export_batch.ts";
import { postBatch } from "../truth/post_batches.ts";
import { shopTraffic } from "../truth/shop_traffic.ts";

const SECONDS = 10;
/** Requests of the others, one after the other: as many a second. */
const OTHERS_PER_SECOND = 20;
const OTHERS_SPANS = 20;
/** Requests of the hot service that are under way all the time. */
const HOT_SENDERS = 4;
const HOT_SPANS = 256;

/** How long an acknowledgement takes, ms. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** What the others feel of one service that sends as much as it can. */
export interface HotServiceFigures {
  readonly alone: Latency;
  readonly beside: Latency;
  /** `beside` over `alone`. */
  readonly ratio: Latency;
  /** What the hot service got through meanwhile. */
  readonly hotSpansPerSecond: number;
}

/**
 * Measures how long a small, steady sender waits for its acknowledgements:
 * alone, then beside a service that sends as fast as it is answered.
 */
export async function benchHotService(): Promise<HotServiceFigures> {
  const service = await startService({ env: { TRACE_SHARDS: "4" } });
  try {
    const random = new SeededRandom(5);
    await steady(service, random);
    const alone = await steady(service, random);
    const hot = heat(service, random);
    const beside = await steady(service, random);
    const hotSpans = await hot.stop();
    return {
      alone,
      beside,
      ratio: { p50: beside.p50 / alone.p50, p99: beside.p99 / alone.p99 },
      hotSpansPerSecond: hotSpans / SECONDS,
    };
  } finally {
    await service.stop();
  }
}

async function steady(
  { url }: Service,
  random: SeededRandom,
): Promise<Latency> {
  const spans = shopTraffic(random, {
    nowMs: Date.now(),
    spans: SECONDS * OTHERS_PER_SECOND * OTHERS_SPANS,
  }).spans;
  const times: number[] = [];
  const beganMs = performance.now();
  for (let at = 0; at < SECONDS * OTHERS_PER_SECOND; at++) {
    const dueMs = beganMs + at * 1000 / OTHERS_PER_SECOND;
    const waitMs = Math.max(0, dueMs - performance.now());
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const part = spans.slice(at * OTHERS_SPANS, (at + 1) * OTHERS_SPANS);
    const [first] = part;
    if (first === undefined) break;
    const batch = encodeBatch(
      part.map((span) => ({ ...span, service: first.service })),
    );
    const sentMs = performance.now();
    const failure = await postBatch(url, batch);
    if (failure !== undefined) throw new Error(failure);
    times.push(performance.now() - sentMs);
  }
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

/** Sends spans of one service, as many as are taken, until it is stopped. */
function heat(
  { url }: Service,
  random: SeededRandom,
): { stop: () => Promise<number> } {
  const stopped = new AbortController();
  let taken = 0;
  const { spans } = shopTraffic(random, {
    nowMs: Date.now(),
    spans: 100 * HOT_SPANS,
  });
  const [{ service }] = spans as [ShopSpan, ...ShopSpan[]];
  const batches: ExportBatch[] = [];
  for (let at = 0; at < spans.length; at += HOT_SPANS) {
    const part = spans.slice(at, at + HOT_SPANS);
    batches.push(encodeBatch(part.map((span) => ({ ...span, service }))));
  }
  async function send(): Promise<void> {
    for (let at = 0; !stopped.signal.aborted; at++) {
      const batch = batches[at % batches.length];
      if (batch === undefined) return;
      const failure = await postBatch(url, batch);
      if (failure !== undefined) throw new Error(failure);
      taken += batch.spans;
    }
  }
  const senders = Promise.all(Array.from({ length: HOT_SENDERS }, send));
  return {
    async stop() {
      stopped.abort();
      await senders;
      return taken;
    },
  };
}
