import { ByteWriter } from "../codec/byte_writer.ts";
import { type Encoding, MEDIA_TYPES } from "./content.ts";

/** HTTP statuses that ingest answers with, and google.rpc's code of each. */
const STATUS_CODES = {
  400: 3, // INVALID_ARGUMENT
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 12, // UNIMPLEMENTED
  405: 12, // UNIMPLEMENTED
  413: 8, // RESOURCE_EXHAUSTED
  415: 3, // INVALID_ARGUMENT
  429: 8, // RESOURCE_EXHAUSTED
  500: 13, // INTERNAL
  503: 14, // UNAVAILABLE
} as const;

/** An HTTP status that ingest answers an error with. */
export type OtlpErrorStatus = keyof typeof STATUS_CODES;

// Protobuf tags: the field's number, and 0 for a varint or 2 for bytes.
const REJECTED_SPANS = 1 << 3;
const ERROR_MESSAGE = 2 << 3 | 2;
const PARTIAL_SUCCESS = 1 << 3 | 2;
const STATUS_CODE = 1 << 3;
const STATUS_MESSAGE = 2 << 3 | 2;

/**
 * An `ExportTraceServiceResponse`: empty where every span was accepted, with
 * `partial_success` where spans were rejected.
 *
 * @example Two spans that nobody can accept
 * ```ts
 * import { exportResponse } from "../src/ingest/otlp_answer.ts";
 *
 * const answer = exportResponse("json", 2, "span 0: no end time");
 * expect(await answer.json()).toEqual({
 *   partialSuccess: { rejectedSpans: "2", errorMessage: "span 0: no end time" },
 * });
 * ```
 */
export function exportResponse(
  encoding: Encoding,
  rejectedSpans: number,
  errorMessage: string,
): Response {
  const rejected = rejectedSpans > 0;
  if (encoding === "json") {
    // ProtoJSON writes 64-bit integers as strings.
    const partialSuccess = {
      rejectedSpans: String(rejectedSpans),
      errorMessage,
    };
    return answer(encoding, JSON.stringify(rejected ? { partialSuccess } : {}));
  }
  const response = new ByteWriter();
  if (rejected) {
    const partial = new ByteWriter();
    partial.byte(REJECTED_SPANS);
    partial.varint(rejectedSpans);
    partial.byte(ERROR_MESSAGE);
    partial.string(errorMessage);
    response.byte(PARTIAL_SUCCESS);
    response.bytes(partial.finish());
  }
  return answer(encoding, response.finish());
}

/**
 * An error: a `google.rpc.Status` with the code that belongs to the HTTP
 * status.
 *
 * @example
 * ```ts
 * import { otlpError } from "../src/ingest/otlp_answer.ts";
 *
 * const answer = otlpError("json", 503, "Try again");
 * expect(await answer.json()).toEqual({ code: 14, message: "Try again" });
 * ```
 */
export function otlpError(
  encoding: Encoding,
  status: OtlpErrorStatus,
  message: string,
): Response {
  const code = STATUS_CODES[status];
  if (encoding === "json") {
    return answer(encoding, JSON.stringify({ code, message }), status);
  }
  const body = new ByteWriter();
  body.byte(STATUS_CODE);
  body.varint(code);
  body.byte(STATUS_MESSAGE);
  body.string(message);
  return answer(encoding, body.finish(), status);
}

function answer(
  encoding: Encoding,
  body: string | Uint8Array<ArrayBuffer>,
  status = 200,
): Response {
  return new Response(body, {
    status,
    headers: { "content-type": MEDIA_TYPES[encoding] },
  });
}
