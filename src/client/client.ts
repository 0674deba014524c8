import { retryAfterMs } from "../outbox/retry_after.ts";
import { ApiError } from "./api_error.ts";
import type { AnswerOf, Asked, Call } from "./call_types.ts";
import { type CallParameters, callUrl } from "./call_url.ts";
import { readError } from "./read_error.ts";

/** How long an answer may take, ms. */
export const CALL_TIMEOUT_MS = 30_000;
/** How often a call is made again that met a passing fault. */
export const MAX_RETRIES = 3;
/** The longest wait before that; an answer that asks for more is an error. */
export const MAX_RETRY_WAIT_MS = 10_000;
/** The wait where the answer names none, ms; doubled each time. */
const RETRY_WAIT_MS = 500;

/** Where the service is, and how it is called. */
export interface ClientOptions {
  /** Of the service, as in `https://tracecore.example.workers.dev`. */
  readonly url: string;
  /** null: none is sent. */
  readonly key: string | null;
  /** @default {globalThis.fetch} */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Of one answer, ms. @default {30000} */
  readonly timeoutMs?: number;
}

/** The API of a TraceCore, typed by its operations. */
export interface TracecoreClient {
  /**
   * Makes a call and reads its answer. What only reads, and what sends spans,
   * is made again after the time that the answer asks for, where it met a
   * passing fault (429, 503).
   *
   * @throws {ApiError} Where the answer is no success, or none comes.
   */
  call<Key extends Call>(
    call: Key,
    ...asked: object extends Asked<Key> ? [asked?: Asked<Key>]
      : [asked: Asked<Key>]
  ): Promise<AnswerOf<Key>>;
}

interface AnyAsked extends CallParameters {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * A client of the API.
 *
 * @throws {TypeError} Where the URL is none.
 *
 * @example
 * ```ts
 * import { tracecoreClient } from "../src/client/client.ts";
 *
 * const client = tracecoreClient({
 *   url: "http://127.0.0.1:4318",
 *   key: null,
 *   fetch: () => Promise.resolve(Response.json({ services: [], count: 0 })),
 * });
 * const { services } = await client.call("GET /api/v1/services", {
 *   query: { start: "1h" },
 * });
 * expect(services).toEqual([]);
 * ```
 */
export function tracecoreClient(options: ClientOptions): TracecoreClient {
  const { origin } = new URL(options.url);
  return {
    async call<Key extends Call>(call: Key, asked: AnyAsked = {}) {
      const answer = await new CallInHand(options, origin).make(call, asked);
      const type = answer.headers.get("content-type") ?? "";
      const body = type.startsWith("application/json")
        ? await answer.json()
        : await answer.text();
      return body as AnswerOf<Key>;
    },
  };
}

class CallInHand {
  readonly #options: ClientOptions;
  readonly #origin: string;

  constructor(options: ClientOptions, origin: string) {
    this.#options = options;
    this.#origin = origin;
  }

  async make(call: Call, asked: AnyAsked): Promise<Response> {
    const [method = "", template = ""] = call.split(" ");
    const url = callUrl(this.#options.url, template, asked);
    for (let retries = 0;; retries++) {
      const answer = await this.#fetch(method, url, asked);
      if (answer.ok) return answer;
      const waitMs = isRepeatable(call) && retries < MAX_RETRIES
        ? retryWaitMs(answer, retries)
        : null;
      if (waitMs === null) throw await readError(answer);
      await answer.body?.cancel();
      await waited(waitMs, asked.signal);
    }
  }

  async #fetch(
    method: string,
    url: string,
    { body, signal }: AnyAsked,
  ): Promise<Response> {
    const { key, timeoutMs = CALL_TIMEOUT_MS } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMs);
    const request = new Request(url, {
      method,
      headers: {
        accept: "application/json",
        ...key === null ? {} : { authorization: `Bearer ${key}` },
        ...body === undefined ? {} : { "content-type": "application/json" },
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal === undefined
        ? timeout
        : AbortSignal.any([signal, timeout]),
    });
    try {
      return await (this.#options.fetch ?? globalThis.fetch)(request);
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const reason = timeout.aborted
        ? `no answer within ${timeoutMs / 1000} s`
        : reasonOf(error);
      throw new ApiError(`Cannot reach ${this.#origin}: ${reason}`, {
        status: null,
        cause: error,
      });
    }
  }
}

/** What changes nothing the second time; a span counts once. */
function isRepeatable(call: Call): boolean {
  return call.startsWith("GET ") || call === "POST /v1/traces";
}

/** null: not a fault that passes, or not soon enough to wait for. */
function retryWaitMs(answer: Response, retries: number): number | null {
  if (answer.status !== 429 && answer.status !== 503) return null;
  const askedMs = retryAfterMs(answer.headers.get("retry-after"), Date.now());
  const waitMs = askedMs ?? RETRY_WAIT_MS * 2 ** retries;
  return waitMs <= MAX_RETRY_WAIT_MS ? waitMs : null;
}

function waited(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(ended, ms);
    signal?.addEventListener("abort", ended);
    function ended(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", ended);
      if (signal?.aborted === true) reject(signal.reason as Error);
      else resolve();
    }
  });
}

/** What undici hides in the cause of its "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : error.message;
}
