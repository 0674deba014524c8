import { setTimeout as delay } from "node:timers/promises";
import { opentelemetry } from "../../proto/generated/otlp.js";
import type { ExportBatch } from "./export_batch.ts";

const { ExportTraceServiceResponse } = opentelemetry.proto.collector.trace.v1;

/** Requests that are under way at once, where nothing else is said. */
export const DEFAULT_CONCURRENCY = 8;
/** When a request is given up, ms after its first try. */
export const GIVE_UP_AFTER_MS = 90_000;
/** When an answer does not come any more: the connection was lost, ms. */
const ANSWER_LIMIT_MS = 20_000;
const RETRY_MS = 200;

/**
 * Posts requests as SDKs with a queue do: several at a time, each again with
 * the same bytes until it is acknowledged, whatever happens to the service.
 */
export class PersistentSender {
  /** Answers that no valid request may get, and requests without any. */
  readonly problems: string[] = [];
  /** Requests that were acknowledged. */
  acknowledged = 0;
  /** Tries that were not. */
  retries = 0;
  /** Settles when every request is acknowledged or given up. */
  readonly done: Promise<void>;
  readonly #url: URL;
  readonly #waiting: ExportBatch[];
  readonly #count: number;
  #watchers: { readonly count: number; readonly tell: () => void }[] = [];

  /** Begins to send at once. */
  constructor(
    url: string,
    batches: readonly ExportBatch[],
    { concurrency = DEFAULT_CONCURRENCY } = {},
  ) {
    this.#url = new URL("/v1/traces", url);
    this.#waiting = [...batches];
    this.#count = batches.length;
    this.done = this.#run(concurrency);
  }

  /** Settles when a share of all requests, 0 to 1, is acknowledged. */
  async reached(share: number): Promise<void> {
    const count = Math.ceil(this.#count * share);
    if (this.acknowledged >= count) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watchers.push({ count, tell: resolve });
    await Promise.race([promise, this.done]);
  }

  async #run(concurrency: number): Promise<void> {
    await Promise.all(
      Array.from({ length: concurrency }, () => this.#work()),
    );
  }

  async #work(): Promise<void> {
    for (
      let batch = this.#waiting.shift();
      batch !== undefined;
      batch = this.#waiting.shift()
    ) {
      if (await this.#send(batch)) this.#acknowledge();
    }
  }

  async #send(batch: ExportBatch): Promise<boolean> {
    const untilMs = Date.now() + GIVE_UP_AFTER_MS;
    while (Date.now() < untilMs) {
      const problem = await this.#try(batch);
      if (problem === "taken") return true;
      if (problem !== "again") {
        this.problems.push(problem);
        return false;
      }
      this.retries++;
      await delay(RETRY_MS);
    }
    this.problems.push(`No acknowledgement within ${GIVE_UP_AFTER_MS} ms`);
    return false;
  }

  async #try(batch: ExportBatch): Promise<string> {
    let status: number;
    let retryAfter: string | null;
    let answer: Uint8Array;
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: batch.headers,
        body: batch.body,
        signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      });
      status = response.status;
      retryAfter = response.headers.get("retry-after");
      answer = new Uint8Array(await response.arrayBuffer());
    } catch {
      return "again";
    }
    if (status === 200 && isRight(answer, batch)) return "taken";
    if (status === 503 && retryAfter !== null) return "again";
    const text = new TextDecoder().decode(answer);
    return `A valid request was answered ${status} ${text}`;
  }

  #acknowledge(): void {
    this.acknowledged++;
    this.#watchers = this.#watchers.filter(({ count, tell }) => {
      if (this.acknowledged < count) return true;
      tell();
      return false;
    });
  }
}

/** Full success is an empty message; of a bad span the answer has to tell. */
function isRight(
  answer: Uint8Array,
  { accepted, headers }: ExportBatch,
): boolean {
  if (headers["content-type"] === "application/json") {
    const { partialSuccess, ...rest } = JSON.parse(
      new TextDecoder().decode(answer),
    );
    return Object.keys(rest).length === 0 &&
      partialSuccess?.rejectedSpans === (accepted && "1");
  }
  if (accepted === undefined) return answer.length === 0;
  const { partialSuccess } = ExportTraceServiceResponse.decode(answer);
  return Number(partialSuccess?.rejectedSpans) === 1;
}
