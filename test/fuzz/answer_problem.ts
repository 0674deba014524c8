import { google, opentelemetry } from "../../proto/generated/otlp.js";

const { ExportTraceServiceResponse } = opentelemetry.proto.collector.trace.v1;
const { Status } = google.rpc;

/** Answers to any body whatsoever. */
const STATUSES = [200, 400, 413, 415];

/** An answer to a POST of spans. */
export interface FuzzAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * What is wrong with an answer; undefined where it has a status that bodies
 * can have, is encoded as the request was, and is a whole
 * `ExportTraceServiceResponse` or a `google.rpc.Status` with a message.
 *
 * @param sentType The request's Content-Type.
 */
export function answerProblem(
  sentType: string,
  { status, contentType, body }: FuzzAnswer,
): string | undefined {
  const text = new TextDecoder().decode(body);
  if (!STATUSES.includes(status)) return `Status ${status}: ${text}`;
  const wanted = sentType === "application/x-protobuf"
    ? sentType
    : "application/json";
  if (contentType !== wanted) {
    return `"${sentType}" was answered with "${contentType}"`;
  }
  try {
    const message = wanted === "application/json"
      ? messageOfJson(status, JSON.parse(text))
      : messageOfProtobuf(status, body);
    return message === "" ? `Status ${status} has no message` : undefined;
  } catch (error) {
    return `Status ${status} cannot be read: ${String(error)}`;
  }
}

/** Of a success without any: "full success". */
function messageOfJson(
  status: number,
  answer: {
    readonly message?: string;
    readonly partialSuccess?: { readonly errorMessage?: string };
  },
): string {
  if (status !== 200) return answer.message ?? "";
  const { partialSuccess } = answer;
  return partialSuccess === undefined
    ? "full success"
    : partialSuccess.errorMessage ?? "";
}

function messageOfProtobuf(status: number, body: Uint8Array): string {
  if (status !== 200) return Status.decode(body).message;
  const { partialSuccess } = ExportTraceServiceResponse.decode(body);
  return body.length === 0
    ? "full success"
    : partialSuccess?.errorMessage ?? "";
}
