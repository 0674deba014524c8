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
import type { ReceivedRequest } from "./received_request.ts";
import { retryAfterMs } from "./retry_after.ts";

/** Where a request is posted, and how long that may take. */
export interface Post {
  readonly url: string;
  /** Beside those of the request's own content. */
  readonly headers: Readonly<Record<string, string>>;
  /** Values of headers that no reason may repeat. */
  readonly secrets: readonly string[];
  /** Until the answer has been read, ms. */
  readonly timeoutMs: number;
  /** What the target says of a request that it took; must not throw. */
  readonly readDelivered: (response: Response) => Promise<Delivered>;
}

/**
 * Posts a request, once, byte for byte as it is. Never throws: a failure is an
 * outcome, with a reason that repeats neither the target's address nor its
 * keys.
 */
export async function postRequest(
  request: ReceivedRequest,
  post: Post,
): Promise<Outcome> {
  const { url, headers, timeoutMs } = post;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        ...headers,
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
  if (kind === "delivered") return post.readDelivered(response);
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

/** A target may repeat what it was sent. */
function hidden(reason: string, { url, secrets }: Post): string {
  return withoutSecrets(reason, { url, values: secrets });
}
