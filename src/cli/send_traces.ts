import { setTimeout as delay } from "node:timers/promises";
import type { TracecoreClient } from "../client/client.ts";
import { type GeneratedTrace, generatedTrace } from "./generated_trace.ts";

/** Traces of one request. */
export const MAX_TRACES_PER_REQUEST = 200;
/** How often requests are sent at the most. */
const TICK_MS = 100;

/** What is to be sent. */
export interface SendPlan {
  /** What the names of the services begin with. */
  readonly prefix: string;
  /** Traces a second. */
  readonly rate: number;
  /** Traces in all. */
  readonly traces: number;
  /** Share of failed ones, 0 to 1. */
  readonly errors: number;
}

/** What became of what was sent. */
export interface SentTraces {
  readonly traces: number;
  readonly failed: number;
  readonly rejected_spans: number;
  readonly first_trace: string | null;
  readonly last_trace: string | null;
}

/** What sending is done with. */
export interface SendTools {
  readonly client: TracecoreClient;
  /** Now, ms since the epoch. */
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

/**
 * Sends traces at a rate; each is sent once, and none is left out where the
 * service is slower than that.
 *
 * @throws {ApiError} Where the service does not take them.
 */
export async function sendTraces(
  { prefix, rate, traces, errors }: SendPlan,
  { client, nowMs, signal }: SendTools,
): Promise<SentTraces> {
  const startMs = nowMs();
  const ids: string[] = [];
  let sent = 0;
  let failed = 0;
  let rejected = 0;
  while (sent < traces) {
    const due = Math.min(
      traces,
      1 + Math.floor((nowMs() - startMs) * rate / 1000),
    );
    const count = Math.min(due - sent, MAX_TRACES_PER_REQUEST);
    if (count <= 0) {
      await delay(Math.max(TICK_MS, 1000 / rate), undefined, { signal });
      continue;
    }
    const batch: GeneratedTrace[] = [];
    for (let number = sent; number < sent + count; number++) {
      const isFailed = isFailedTrace(number, errors);
      if (isFailed) failed++;
      const options = { prefix, number, failed: isFailed, endMs: nowMs() };
      batch.push(generatedTrace(options));
    }
    const { partialSuccess } = await client.call("POST /v1/traces", {
      body: {
        resourceSpans: batch.flatMap(({ request }) => [
          ...request.resourceSpans,
        ]),
      },
      signal,
    });
    rejected += Number(partialSuccess?.rejectedSpans ?? 0);
    ids.push(...batch.map(({ traceId }) => traceId));
    ids.splice(1, ids.length - 2);
    sent += count;
  }
  return {
    traces: sent,
    failed,
    rejected_spans: rejected,
    first_trace: ids[0] ?? null,
    last_trace: ids.at(-1) ?? null,
  };
}

/**
 * Whether a trace of a run is one of its failed ones: they are spread evenly.
 *
 * @example
 * ```ts
 * import { isFailedTrace } from "../src/cli/send_traces.ts";
 *
 * const failed = [0, 1, 2, 3, 4, 5, 6, 7].filter((n) => isFailedTrace(n, 0.25));
 * expect(failed).toEqual([3, 7]);
 * ```
 */
export function isFailedTrace(number: number, errors: number): boolean {
  return Math.floor((number + 1) * errors) > Math.floor(number * errors);
}
