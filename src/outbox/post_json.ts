import { hmacHex } from "../access/hmac.ts";
import type { Outcome } from "./classify_answer.ts";
import type { JsonTarget } from "./json_target.ts";
import { postRequest } from "./post_request.ts";
import type { ReceivedRequest } from "./received_request.ts";

/** The header that a body's signature stands in, as `sha256=<hex>`. */
export const BODY_SIGNATURE_HEADER = "x-tracecore-signature-256";

/**
 * Posts JSON to a target, once, signed where the target has a secret. Any 2xx
 * says that it has it. Never throws: see `postRequest`.
 */
export async function postJson(
  request: ReceivedRequest,
  { target, timeoutMs }: {
    readonly target: JsonTarget;
    /** Until the answer has been read, ms. */
    readonly timeoutMs: number;
  },
): Promise<Outcome> {
  const { url, headers, secret } = target;
  const { idempotencyKey = null } = request;
  return postRequest(request, {
    url,
    headers: {
      ...headers,
      ...(idempotencyKey === null ? {} : { "idempotency-key": idempotencyKey }),
      ...(secret === null ? {} : {
        [BODY_SIGNATURE_HEADER]: `sha256=${await hmacHex(
          secret,
          request.body,
        )}`,
      }),
    },
    secrets: Object.values(headers),
    timeoutMs,
    readDelivered: async (response) => {
      await response.body?.cancel();
      return { kind: "delivered", rejected: 0, message: "" };
    },
  });
}
