import {
  Metadata,
  type ServiceError,
  type status as Code,
} from "@grpc/grpc-js";
import { Writer } from "protobufjs/minimal.js";
import { google } from "../../proto/generated/otlp.js";

/** Characters of a message that gRPC carries, which is a header there. */
export const MAX_MESSAGE_LENGTH = 1000;

const RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";
const DETAILS_KEY = "grpc-status-details-bin";
// Protobuf tags: the field's number, and 0 for a varint or 2 for bytes.
const RETRY_DELAY = 1 << 3 | 2;
const SECONDS = 1 << 3;

/** A failure as grpc-js sends it. */
export type GrpcFailure = Pick<ServiceError, "code" | "details" | "metadata">;

/**
 * A failure of a call.
 *
 * @param retryS After how many seconds the client is to send again, which
 * becomes a `google.rpc.RetryInfo` in `grpc-status-details-bin`; null says
 * nothing.
 */
export function grpcFailure(
  code: Code,
  message: string,
  retryS: number | null = null,
): GrpcFailure {
  const details = message.length > MAX_MESSAGE_LENGTH
    ? `${message.slice(0, MAX_MESSAGE_LENGTH - 1)}…`
    : message;
  const metadata = new Metadata();
  if (retryS !== null) {
    const status = google.rpc.Status.encode({
      code,
      message: details,
      details: [{ type_url: RETRY_INFO, value: retryInfo(retryS) }],
    }).finish();
    metadata.set(DETAILS_KEY, Buffer.from(status));
  }
  return { code, details, metadata };
}

/** A `google.rpc.RetryInfo`, whose one field is a `google.protobuf.Duration`. */
function retryInfo(seconds: number): Uint8Array {
  return Writer.create().uint32(RETRY_DELAY).fork()
    .uint32(SECONDS).int64(seconds).ldelim().finish();
}
