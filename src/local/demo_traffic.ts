import { gzip } from "node:zlib";
import { promisify } from "node:util";
import { exportRequest } from "./otlp_json.ts";
import { SeededRandom } from "./seeded_random.ts";
import { Shop } from "./shop.ts";
import { noTraffic, type ShopSpan } from "./shop_span.ts";

/** Visitors of the demo's shop, a second. */
export const VISITS_PER_SECOND = 20;
/** How far apart two exports are, ms. */
export const EXPORT_INTERVAL_MS = 1_000;
/** How far apart two lines about the state are, ms. */
export const REPORT_INTERVAL_MS = 5_000;
/** The wait before the next attempt where nothing answers, ms. */
export const RETRY_INTERVAL_MS = 2_000;

// Visits begin so long ago that their last span has ended, mostly.
const VISIT_AGE_MS = 2_000;
const NS_PER_MS = 1_000_000n;
const compress = promisify(gzip);

/** What the demo runs with. */
export interface DemoOptions {
  /** Stops the demo. */
  readonly signal: AbortSignal;
  /** Takes each line that the demo says. */
  readonly print: (line: string) => void;
  /** What decides who visits. @default {now} */
  readonly seed?: number;
}

/**
 * Posts a shop's traffic to TraceCore, as its services' SDKs would, until it
 * is told to stop.
 *
 * @param url Where TraceCore is, such as `http://127.0.0.1:4318`.
 */
export async function postDemoTraffic(
  url: string,
  options: DemoOptions,
): Promise<void> {
  const { signal, print } = options;
  const shop = new Shop(new SeededRandom(options.seed ?? Date.now()));
  const report = new DemoReport(url, print);
  print(
    `Posting the traffic of a shop to ${url}: ${VISITS_PER_SECOND} visits a second. Stop with Ctrl+C.`,
  );
  while (!signal.aborted) {
    const startedMs = Date.now();
    for (const batch of await visitShop(shop, startedMs)) {
      await deliver(url, { batch, report, signal });
    }
    report.printWhenDue();
    await pause(startedMs + EXPORT_INTERVAL_MS - Date.now(), signal);
  }
  report.print();
}

interface Batch {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly spans: number;
}

function visitShop(shop: Shop, nowMs: number): Promise<Batch[]> {
  const traffic = noTraffic();
  const visits = VISITS_PER_SECOND * EXPORT_INTERVAL_MS / 1_000;
  for (let visit = 0; visit < visits; visit++) {
    const agoMs = VISIT_AGE_MS + visit * EXPORT_INTERVAL_MS / visits;
    shop.visit(traffic, BigInt(Math.round(nowMs - agoMs)) * NS_PER_MS);
  }
  const byService = Map.groupBy(traffic.spans, (span) => span.service);
  return Promise.all([...byService.values()].map(encode));
}

async function encode(spans: readonly ShopSpan[]): Promise<Batch> {
  const [first] = spans;
  if (first === undefined) throw new RangeError("Cannot export no spans");
  const text = JSON.stringify(exportRequest(first.service, spans));
  return { body: new Uint8Array(await compress(text)), spans: spans.length };
}

async function deliver(
  url: string,
  { batch, report, signal }: {
    batch: Batch;
    report: DemoReport;
    signal: AbortSignal;
  },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(new URL("/v1/traces", url), {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-encoding": "gzip",
        },
        body: batch.body,
        signal,
      });
      const text = await response.text();
      if (response.ok) return report.accepted(batch.spans);
      if (!isPassing(response.status)) {
        return report.refused(batch.spans, `${response.status} ${text}`);
      }
      report.waiting(`${response.status} ${text}`);
    } catch (error) {
      if (error === signal.reason) return;
      report.waiting(reasonOf(error));
    }
    await pause(RETRY_INTERVAL_MS, signal);
  }
}

// The statuses that OTLP lets a client retry.
function isPassing(status: number): boolean {
  return status === 429 || (status >= 502 && status <= 504);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause ?? error : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

class DemoReport {
  readonly #url: string;
  readonly #print: (line: string) => void;
  #accepted = 0;
  #refused = 0;
  #requests = 0;
  #isWaiting = false;
  #printedMs = Date.now();

  constructor(url: string, print: (line: string) => void) {
    this.#url = url;
    this.#print = print;
  }

  accepted(spans: number): void {
    if (this.#isWaiting) this.#print(`TraceCore at ${this.#url} answers`);
    this.#isWaiting = false;
    this.#accepted += spans;
    this.#requests++;
  }

  refused(spans: number, reason: string): void {
    if (this.#refused === 0) this.#print(`TraceCore refused spans: ${reason}`);
    this.#refused += spans;
  }

  waiting(reason: string): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#print(
      `TraceCore at ${this.#url} does not take spans (${reason}). Is it running? Start it with "npm start", or set TRACECORE_URL. Trying again every ${
        RETRY_INTERVAL_MS / 1_000
      } s.`,
    );
  }

  printWhenDue(): void {
    if (Date.now() - this.#printedMs >= REPORT_INTERVAL_MS) this.print();
  }

  print(): void {
    this.#printedMs = Date.now();
    const refused = this.#refused === 0 ? "" : `, ${this.#refused} refused`;
    this.#print(
      `${this.#accepted} spans in ${this.#requests} requests accepted${refused}; the map: ${new URL(
        "/api/v1/servicemap",
        this.#url,
      )}`,
    );
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    const timer = setTimeout(done, Math.max(0, ms));
    signal.addEventListener("abort", done);
  });
}
