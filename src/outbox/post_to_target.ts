import {
  classifyStatus,
  type Delivered,
  type Failure,
  type Outcome,
} from "./classify_answer.ts";
import { headersFor, type OtlpTarget } from "./otlp_target.ts";
import { readPartialSuccess } from "./partial_success.ts";
import type { ReceivedRequest } from "./received_request.ts";
import { retryAfterMs } from "./retry_after.ts";

/** Bytes of an answer that are read; the rest is left. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** The longest text of an answer that is repeated, UTF-16 code units. */
export const MAX_REPEATED_ANSWER = 300;
/** Header values shorter than this are no secret, and stay in texts. */
const MIN_SECRET_LENGTH = 6;

/** Where a request is posted, and how long that may take. */
export interface Post {
  readonly target: OtlpTarget;
  readonly tenant: string;
  /** Until the answer has been read, ms. */
  readonly timeoutMs: number;
}

/**
 * Posts a request to a target, once, byte for byte as it came. Never throws: a
 * failure is an outcome, with a reason that repeats neither the target's
 * address nor its keys.
 */
export async function postToTarget(
  request: ReceivedRequest,
  post: Post,
): Promise<Outcome> {
  const { target, tenant, timeoutMs } = post;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(target.url, {
      method: "POST",
      headers: {
        ...headersFor(target, tenant),
        "content-type": request.contentType,
        ...(request.contentEncoding === null
          ? {}
          : { "content-encoding": request.contentEncoding }),
      },
      body: request.body,
      redirect: "manual",
      signal: abort.signal,
    });
    return await outcomeOf(response, post);
  } catch (error) {
    return abort.signal.aborted
      ? failure(`The target has not answered within ${timeoutMs} ms`, {
        kind: "doubtful",
        label: "timeout",
      })
      : failure(
        withoutSecrets(`Cannot reach the target: ${text(error)}`, post),
        {
          // A body can make a target break the connection, each time.
          kind: "doubtful",
          label: "network",
        },
      );
  } finally {
    clearTimeout(timer);
  }
}

async function outcomeOf(response: Response, post: Post): Promise<Outcome> {
  const { status, headers } = response;
  const kind = classifyStatus(status);
  if (kind === "delivered") return delivered(response);
  const said = await beginning(response)
    .then((bytes) => readable(new TextDecoder().decode(bytes)));
  const reason = `The target answered with status ${status}` +
    (said === "" ? "" : `: ${said}`);
  return {
    ...failure(withoutSecrets(reason, post), { kind, label: String(status) }),
    status,
    retryAfterMs: retryAfterMs(headers.get("retry-after"), Date.now()),
  };
}

/** It has the request, whatever becomes of the rest of its answer. */
async function delivered(response: Response): Promise<Delivered> {
  const type = response.headers.get("content-type") ?? "";
  const bytes = await beginning(response).catch(() => new Uint8Array());
  const partial = readPartialSuccess(bytes, type);
  return {
    kind: "delivered",
    rejected: partial.rejectedSpans,
    message: readable(partial.errorMessage),
  };
}

async function beginning(response: Response): Promise<Uint8Array> {
  const stream: ReadableStream<Uint8Array> | null = response.body;
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader();
  const bytes = new Uint8Array(MAX_ANSWER_BYTES);
  let used = 0;
  while (used < MAX_ANSWER_BYTES) {
    const read = await reader.read();
    if (read.done) return bytes.subarray(0, used);
    const part = read.value.subarray(0, MAX_ANSWER_BYTES - used);
    bytes.set(part, used);
    used += part.length;
  }
  await reader.cancel();
  return bytes.subarray(0, used);
}

function failure(
  reason: string,
  { kind, label }: Pick<Failure, "kind" | "label">,
): Failure {
  return { kind, reason, label, status: null, retryAfterMs: null };
}

function text(error: unknown): string {
  return readable(error instanceof Error ? error.message : String(error));
}

/** On one line, and short; a protobuf Status loses its tags. */
function readable(said: string): string {
  const line = said.replaceAll(/[\p{Cc}\p{Cf}\ufffd\s]+/gu, " ").trim();
  return line.length > MAX_REPEATED_ANSWER
    ? `${line.slice(0, MAX_REPEATED_ANSWER)}…`
    : line;
}

/** A target may repeat what it was sent. */
function withoutSecrets(reason: string, { target }: Post): string {
  const { href, host, search } = new URL(target.url);
  const secrets = [href, host, search, ...Object.values(target.headers)]
    .flatMap((value) => [value, ...value.split(" ")])
    .filter((value) => value.length >= MIN_SECRET_LENGTH);
  return secrets.reduce((said, secret) => said.replaceAll(secret, "…"), reason);
}
