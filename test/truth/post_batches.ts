import type { ExportBatch } from "./export_batch.ts";

const CONCURRENCY = 8;
const MAX_ATTEMPTS = 6;
const RETRY_MS = 500;

/** What became of the requests. */
export interface Posted {
  /** Requests that were acknowledged, by their place in the list. */
  readonly acknowledged: ReadonlySet<number>;
  /** Why others were not. */
  readonly failures: readonly string[];
  /** When the last acknowledgement came, ms since the epoch. */
  readonly lastMs: number;
}

/** How requests are posted. */
export interface PostOptions {
  /** Called with the number of acknowledged requests after each of them. */
  readonly onAcknowledged?: (count: number) => void;
}

/**
 * Posts requests as SDKs do: several at a time, again where the service says
 * so. A request that got no answer is given up.
 */
export async function postBatches(
  url: string,
  batches: readonly ExportBatch[],
  options: PostOptions = {},
): Promise<Posted> {
  const acknowledged = new Set<number>();
  const failures: string[] = [];
  let lastMs = 0;
  const waiting = [...batches.entries()];
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [at, batch] = next;
      const failure = await postBatch(url, batch);
      if (failure === undefined) {
        acknowledged.add(at);
        lastMs = Date.now();
        options.onAcknowledged?.(acknowledged.size);
      } else {
        failures.push(failure);
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return { acknowledged, failures, lastMs };
}

/** Posts one request; undefined where it was acknowledged, else why not. */
export async function postBatch(
  url: string,
  batch: ExportBatch,
): Promise<string | undefined> {
  for (let attempt = 1;; attempt++) {
    let status: number;
    let answer: string;
    try {
      const response = await fetch(new URL("/v1/traces", url), {
        method: "POST",
        headers: batch.headers,
        body: batch.body,
      });
      status = response.status;
      answer = await response.text();
    } catch (error) {
      return `No answer: ${error instanceof Error ? error.cause : error}`;
    }
    if (status === 200) return partialFailure(answer);
    const again = status === 429 || status === 503;
    if (!again || attempt === MAX_ATTEMPTS) {
      return `${status} ${answer}`;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

// Nothing in these requests may be rejected: full success is "" or "{}".
function partialFailure(answer: string): string | undefined {
  return answer === "" || answer === "{}" ? undefined : `200 ${answer}`;
}
