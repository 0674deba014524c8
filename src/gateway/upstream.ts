import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Headers } from "./passing_headers.ts";

/** Connections to the Worker at a time; more requests wait for one. */
export const MAX_UPSTREAM_CONNECTIONS = 64;
/** How long a connection stays without a request, ms: workerd ends it at 5 s. */
export const IDLE_CONNECTION_MS = 4_000;
/** Bytes of an answer that are taken: 1 MiB. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** A request to the Worker whose body is whole. */
export interface WholeRequest {
  readonly method: "GET" | "POST";
  /** Added to the path of the Worker's URL. */
  readonly path: string;
  readonly headers: Headers;
  readonly body?: Uint8Array;
  /** Gives the request up, by the caller or by the time. */
  readonly signal: AbortSignal;
}

/** What came of it: an answer, whatever its status, or why there is none. */
export type UpstreamResult =
  | {
    readonly ok: true;
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
  }
  | {
    readonly ok: false;
    readonly reason: string;
    readonly isTimeout: boolean;
  };

/** The Worker, over connections that are kept. */
export class Upstream {
  readonly #base: URL;
  readonly #agent: HttpAgent;

  /** @param url Of http or https, such as `https://tracecore.example`. */
  constructor(url: string) {
    this.#base = new URL(url);
    const options = {
      keepAlive: true,
      maxSockets: MAX_UPSTREAM_CONNECTIONS,
      timeout: IDLE_CONNECTION_MS,
    };
    this.#agent = this.#base.protocol === "https:"
      ? new HttpsAgent(options)
      : new HttpAgent(options);
  }

  /** Without a user, a query and a slash at its end. */
  get url(): string {
    return `${this.#base.origin}${this.#base.pathname.replace(/\/+$/, "")}`;
  }

  /**
   * Begins a request; its body is the caller's to write.
   *
   * @throws {TypeError} Where a header has a value that HTTP does not allow.
   */
  open(
    method: string,
    { path, headers, signal }: {
      readonly path: string;
      readonly headers: Headers;
      readonly signal: AbortSignal;
    },
  ): ClientRequest {
    const begin = this.#base.protocol === "https:" ? httpsRequest : httpRequest;
    return begin(`${this.url}${path}`, {
      method,
      headers,
      signal,
      agent: this.#agent,
    });
  }

  /** Sends a whole request. It never throws. */
  async send(request: WholeRequest): Promise<UpstreamResult> {
    const first = await this.#trySending(request);
    // The Worker may have ended a kept connection just now. It counts a span
    // once, so that sending again is safe.
    return first.isStale
      ? (await this.#trySending(request)).result
      : first.result;
  }

  /** Ends the connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #trySending(
    request: WholeRequest,
  ): Promise<{ result: UpstreamResult; isStale: boolean }> {
    let sent: ClientRequest | null = null;
    try {
      const { method, body, signal } = request;
      sent = this.open(method, {
        ...request,
        headers: body === undefined
          ? request.headers
          : { ...request.headers, "content-length": String(body.byteLength) },
      });
      const response = await responseTo(sent, body);
      const answer = await wholeBody(response);
      signal.throwIfAborted();
      return {
        result: answer === null
          ? {
            ok: false,
            reason: `its answer is beyond ${MAX_ANSWER_BYTES} bytes`,
            isTimeout: false,
          }
          : {
            ok: true,
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: answer,
          },
        isStale: false,
      };
    } catch (error) {
      const isStale = sent?.reusedSocket === true && !request.signal.aborted;
      return { result: failed(error, request.signal), isStale };
    }
  }
}

/**
 * Gives a request up after a while. Cleared once it is answered, unlike
 * `AbortSignal.timeout`, which would keep what it is told of as long.
 */
export function abortAfter(
  request: AbortController,
  timeoutMs: number,
): NodeJS.Timeout {
  return setTimeout(() => {
    request.abort(new DOMException("no answer in time", "TimeoutError"));
  }, timeoutMs);
}

/** Why a request to the Worker has no answer, in words. */
export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  // An AggregateError, of several addresses, has no message of its own.
  return error.message || (code ?? error.name);
}

function failed(error: unknown, signal: AbortSignal): UpstreamResult {
  const reason: unknown = signal.reason;
  const isTimeout = signal.aborted && reason instanceof Error &&
    reason.name === "TimeoutError";
  return {
    ok: false,
    reason: isTimeout ? "no answer in time" : networkReason(error),
    isTimeout,
  };
}

function responseTo(
  sent: ClientRequest,
  body: Uint8Array | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once("response", resolve);
    // Stays on: an error after the answer's head ends that answer, too.
    sent.on("error", reject);
    sent.end(body);
  });
}

async function wholeBody(response: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
