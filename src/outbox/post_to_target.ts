import { answerBeginning, readableText } from "./answer_text.ts";
import type { Delivered, Outcome } from "./classify_answer.ts";
import { headersFor, type OtlpTarget } from "./otlp_target.ts";
import { readPartialSuccess } from "./partial_success.ts";
import { postRequest } from "./post_request.ts";
import type { ReceivedRequest } from "./received_request.ts";

/** Which target spans are posted to, and how long that may take. */
export interface SpanPost {
  readonly target: OtlpTarget;
  readonly tenant: string;
  /** Until the answer has been read, ms. */
  readonly timeoutMs: number;
}

/**
 * Posts spans to a target, once, byte for byte as they came. Never throws: see
 * `postRequest`.
 */
export function postToTarget(
  request: ReceivedRequest,
  { target, tenant, timeoutMs }: SpanPost,
): Promise<Outcome> {
  return postRequest(request, {
    url: target.url,
    headers: headersFor(target, tenant),
    secrets: Object.values(target.headers),
    timeoutMs,
    readDelivered: delivered,
  });
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
