import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream/promises";
import { TRACES_PATH } from "./grpc_export.ts";
import { DEFAULT_RETRY_S } from "./grpc_status.ts";
import type { InFlight } from "./in_flight.ts";
import { passedBack, passedOn, REQUEST_HEADERS } from "./passing_headers.ts";
import { abortAfter, networkReason, type Upstream } from "./upstream.ts";
import type { UpstreamHealth } from "./upstream_health.ts";

/** Bytes that a body which streams through is counted as: what pipes hold. */
export const STREAM_BUFFER_BYTES = 128 * 1024;

const UNAVAILABLE = 14;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;

/** What the HTTP side serves with. */
export interface HttpSideOptions {
  readonly upstream: Upstream;
  readonly health: UpstreamHealth;
  readonly inFlight: InFlight;
  /** Goes with requests that bring no key; null: none. */
  readonly key: string | null;
  readonly upstreamTimeoutMs: number;
  /** Bytes of a body as received; a larger one is a 413. */
  readonly maxMessageBytes: number;
}

/** An HTTP server that passes `/v1/traces` on; it does not listen yet. */
export function httpServer(options: HttpSideOptions): Server {
  return createServer((request, response) => {
    // A caller that leaves is nobody to tell.
    serve(request, response, options).catch(() => response.destroy());
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpSideOptions,
): Promise<void> {
  const url = request.url ?? "/";
  const [path] = url.split("?", 1);
  if (path === TRACES_PATH) {
    await passTraces(request, response, options);
  } else if (path === "/health") {
    await tellHealth(response, options);
  } else {
    refuse(response, 404, {
      code: UNIMPLEMENTED,
      message: `Nothing is at "${path}" of the gateway: POST spans to ` +
        `${TRACES_PATH}, and ask ${options.upstream.url} for everything else`,
    });
  }
}

async function tellHealth(
  response: ServerResponse,
  { upstream, health, inFlight }: HttpSideOptions,
): Promise<void> {
  const state = await health.state(performance.now());
  sendJson(response, state.status === "ok" ? 200 : 503, {
    status: state.status === "ok" ? "ok" : "failing",
    gateway: {
      status: "ok",
      requests_in_flight: inFlight.requests,
      bytes_in_flight: inFlight.bytes,
    },
    upstream: { url: upstream.url, ...state },
  });
}

async function passTraces(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpSideOptions,
): Promise<void> {
  const { inFlight, maxMessageBytes } = options;
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > maxMessageBytes) {
    refuse(response, 413, tooLarge(maxMessageBytes));
    return;
  }
  const release = inFlight.take(STREAM_BUFFER_BYTES);
  if (release === null) {
    refuse(response, 503, {
      code: UNAVAILABLE,
      message: "The gateway has too much in hand that the Worker has not " +
        "answered: send again after Retry-After",
    });
    return;
  }
  try {
    await streamThrough(request, response, options);
  } finally {
    release();
  }
}

async function streamThrough(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpSideOptions,
): Promise<void> {
  const { upstream, upstreamTimeoutMs, maxMessageBytes, key } = options;
  const left = new AbortController();
  response.once("close", () => left.abort());
  const timer = abortAfter(left, upstreamTimeoutMs);
  response.once("close", () => clearTimeout(timer));
  const { signal } = left;
  const query = (request.url ?? "").slice(TRACES_PATH.length);
  // A key in the query is a key of the caller's, too.
  const hasKey = new URLSearchParams(query).has("key");
  let problem: unknown = null;
  const tooMuch = new AbortController();
  try {
    const isPreflight = request.method === "OPTIONS";
    const sent = upstream.open(request.method ?? "POST", {
      path: `${TRACES_PATH}${query}`,
      headers: passedOn((name) => textOf(request, name), {
        names: REQUEST_HEADERS,
        key: hasKey || isPreflight ? null : key,
      }),
      signal,
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      sent.once("response", resolve);
      sent.on("error", reject);
    });
    const body = limited(request, maxMessageBytes, () => tooMuch.abort());
    // An answer may come before the body's end, which then fails alone.
    const written = pipeline(body, sent).catch((error: unknown) => {
      problem ??= error;
    });
    const answer = await answered;
    response.writeHead(answer.statusCode ?? 502, passedBack(answer.headers));
    await Promise.all([pipeline(answer, response), written]);
    return;
  } catch (error) {
    problem ??= error;
  }
  if (response.headersSent || response.destroyed) {
    response.destroy();
  } else if (tooMuch.signal.aborted) {
    refuse(response, 413, tooLarge(maxMessageBytes));
  } else {
    const reason = signal.aborted
      ? "no answer in time"
      : networkReason(problem);
    refuse(response, 503, {
      code: UNAVAILABLE,
      message: `Cannot reach TraceCore's Worker: ${reason}`,
    });
  }
}

async function* limited(
  request: IncomingMessage,
  maxBytes: number,
  tell: () => void,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      tell();
      throw new RangeError("The body is too large");
    }
    yield chunk;
  }
}

function textOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
}

function tooLarge(maxBytes: number): object {
  return {
    code: RESOURCE_EXHAUSTED,
    message: `The body is beyond ${maxBytes} bytes: send fewer spans a request`,
  };
}

function refuse(
  response: ServerResponse,
  status: 404 | 413 | 503,
  problem: object,
): void {
  if (status === 503) response.setHeader("retry-after", DEFAULT_RETRY_S);
  // The body of a refused request is not read: the connection cannot go on.
  if (status !== 404) response.setHeader("connection", "close");
  sendJson(response, status, problem);
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  }).end(text);
}
