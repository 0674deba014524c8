import {
  answerBeginning,
  errorText,
  readableText,
  unansweredFailure,
  withoutSecrets,
} from "./answer_text.ts";
import {
  classifyStatus,
  type Delivered,
  type Outcome,
} from "./classify_answer.ts";
import { headersFor, type OtlpTarget } from "./otlp_target.ts";
import { readPartialSuccess } from "./partial_success.ts";
import type { ReceivedRequest } from "./received_request.ts";
import { retryAfterMs } from "./retry_after.ts";

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
      ? unansweredFailure(
        `The target has not answered within ${timeoutMs} ms`,
        {
          kind: "doubtful",
          label: "timeout",
        },
      )
      : unansweredFailure(
        hidden(`Cannot reach the target: ${errorText(error)}`, post),
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
  const said = await answerBeginning(response)
    .then((bytes) => readableText(new TextDecoder().decode(bytes)));
  const reason = `The target answered with status ${status}` +
    (said === "" ? "" : `: ${said}`);
  return {
    ...unansweredFailure(hidden(reason, post), { kind, label: String(status) }),
    status,
    retryAfterMs: retryAfterMs(headers.get("retry-after"), Date.now()),
  };
}

/** It has the request, whatever becomes of the rest of its answer. */
async function delivered(response: Response): Promise<Delivered> {
  const type = response.headers.get("content-type") ?? "";
  const bytes = await answerBeginning(response).catch(() => new Uint8Array());
  const partial = readPartialSuccess(bytes, type);
  return {
    kind: "delivered",
    rejected: partial.rejectedSpans,
    message: readableText(partial.errorMessage),
  };
}

/** A target may repeat what it was sent. */
function hidden(reason: string, { target }: Post): string {
  const { url, headers } = target;
  return withoutSecrets(reason, { url, values: Object.values(headers) });
}
