import { type ServerUnaryCall, status as Code } from "@grpc/grpc-js";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { google } from "../../proto/generated/otlp.js";
import { type GrpcFailure, grpcFailure } from "./grpc_failure.ts";
import { DEFAULT_RETRY_S, grpcCode, retryDelayS } from "./grpc_status.ts";
import type { InFlight } from "./in_flight.ts";
import { CALLER_HEADERS, passedOn } from "./passing_headers.ts";
import { retryAfterS } from "./retry_after.ts";
import { abortAfter, type Upstream, type UpstreamResult } from "./upstream.ts";

/** Where spans are posted to, below the Worker's URL. */
export const TRACES_PATH = "/v1/traces";
/**
 * Bytes of a message from which on it goes to the Worker compressed. grpc-js
 * inflates a message before its handler sees it, and takes `grpc-encoding` out
 * of the metadata, so that nobody can tell here what came compressed. What is
 * large is worth it in any case: the Worker takes far fewer bytes as received
 * than inflated.
 */
export const GZIP_ABOVE_BYTES = 4 * 1024;

const PROTOBUF = "application/x-protobuf";
/** Spans repeat themselves: the fastest level takes most of what there is. */
const GZIP_OPTIONS = { level: constants.Z_BEST_SPEED };
const compress = promisify(gzip);

/** What an export goes on with. */
export interface ExportOptions {
  readonly upstream: Upstream;
  readonly inFlight: InFlight;
  /** Goes with calls that bring no key; null: none. */
  readonly key: string | null;
  /** How long the Worker has for its answer, ms. */
  readonly upstreamTimeoutMs: number;
  readonly gzipAboveBytes: number;
}

/** An `ExportTraceServiceResponse` as the Worker wrote it, or a failure. */
export type ExportAnswer =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly failure: GrpcFailure };

/**
 * Posts the message of an `Export` to the Worker, unchanged, until the caller
 * gives up. It never throws.
 */
export async function exportTraces(
  call: ServerUnaryCall<Buffer, Buffer>,
  options: ExportOptions,
): Promise<ExportAnswer> {
  const release = options.inFlight.take(call.request.length);
  if (release === null) {
    return fail(
      Code.UNAVAILABLE,
      "The gateway has too much in hand that the Worker has not answered: " +
        "send again",
      DEFAULT_RETRY_S,
    );
  }
  try {
    return answerOf(await post(call, options));
  } finally {
    release();
  }
}

async function post(
  call: ServerUnaryCall<Buffer, Buffer>,
  options: ExportOptions,
): Promise<UpstreamResult> {
  const givenUp = new AbortController();
  // Also once the caller's deadline has passed, which grpc-js looks after.
  call.once("cancelled", () => givenUp.abort());
  if (call.cancelled) givenUp.abort();
  const timer = abortAfter(givenUp, options.upstreamTimeoutMs);
  try {
    return await send(call, { ...options, signal: givenUp.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function send(
  call: ServerUnaryCall<Buffer, Buffer>,
  options: ExportOptions & { readonly signal: AbortSignal },
): Promise<UpstreamResult> {
  const isLarge = call.request.length > options.gzipAboveBytes;
  const body = isLarge
    ? await compress(call.request, GZIP_OPTIONS)
    : call.request;
  return options.upstream.send({
    method: "POST",
    path: TRACES_PATH,
    headers: {
      ...passedOn((name) => textOf(call, name), {
        names: CALLER_HEADERS,
        key: options.key,
      }),
      "content-type": PROTOBUF,
      ...isLarge ? { "content-encoding": "gzip" } : {},
    },
    body,
    signal: options.signal,
  });
}

function textOf(
  call: ServerUnaryCall<Buffer, Buffer>,
  name: string,
): string | undefined {
  const [value] = call.metadata.get(name);
  return typeof value === "string" ? value : undefined;
}

function answerOf(result: UpstreamResult): ExportAnswer {
  if (!result.ok) {
    const problem = `Cannot reach TraceCore's Worker: ${result.reason}`;
    return fail(Code.UNAVAILABLE, problem, null);
  }
  const { status, headers, body } = result;
  const isProtobuf = headers["content-type"]?.startsWith(PROTOBUF) === true;
  const code = grpcCode(status);
  if (code !== Code.OK) {
    const message = (isProtobuf ? messageOf(body) : null) ??
      `The Worker's URL answered with HTTP status ${status}`;
    const after = retryAfterS(headers["retry-after"], Date.now());
    return fail(code, message, retryDelayS(status, after));
  }
  if (isProtobuf || body.length === 0) return { ok: true, bytes: body };
  const type = headers["content-type"] ?? "no content type";
  return fail(
    Code.INTERNAL,
    `The Worker's URL answered with ${type} instead of ${PROTOBUF}: look ` +
      "whether it is that of TraceCore",
    null,
  );
}

/** The message of a `google.rpc.Status`; null where the bytes are none. */
function messageOf(body: Buffer): string | null {
  try {
    return google.rpc.Status.decode(body).message || null;
  } catch {
    return null;
  }
}

function fail(
  code: Code,
  message: string,
  retryS: number | null,
): ExportAnswer {
  return { ok: false, failure: grpcFailure(code, message, retryS) };
}
