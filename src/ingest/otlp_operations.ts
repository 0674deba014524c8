import * as z from "zod/mini";
import {
  ERROR_STATUSES,
  type ErrorStatus,
  type OperationAnswer,
  type Operations,
} from "../api/operation.ts";

const PROTOBUF = "application/x-protobuf";

const exportResponseSchema = z.strictObject({
  partialSuccess: z.optional(z.strictObject({
    rejectedSpans: z.union([z.string(), z.number()]),
    errorMessage: z.string(),
  })),
}).register(z.globalRegistry, { id: "ExportTraceServiceResponse" });

/** What an error of OTLP is, in its JSON form. */
export const rpcStatusSchema = z.strictObject({
  code: z.int().check(z.describe("Of gRPC.")),
  message: z.string(),
}).register(z.globalRegistry, { id: "RpcStatus" });

/** The body of an error, in the encoding of the request. */
const refused = {
  [PROTOBUF]: z.string(),
  "application/json": rpcStatusSchema,
};

function refusals(
  statuses: readonly ErrorStatus[],
): Readonly<Record<number, OperationAnswer>> {
  return Object.fromEntries(statuses.map((status) => [
    status,
    { description: ERROR_STATUSES[status], content: refused },
  ]));
}

const tracesSchema = z.looseObject({
  resourceSpans: z.optional(z.array(z.looseObject({}))),
}).check(
  z.meta({
    id: "ExportTraceServiceRequest",
    description: "OTLP's request, in its JSON form.",
  }),
);

/** Spans in. */
export const otlpOperations = {
  "POST /v1/traces": {
    id: "exportTraces",
    tag: "ingest",
    scope: "ingest",
    summary: "Takes spans, by OTLP/HTTP",
    description: "OpenTelemetry's `ExportTraceServiceRequest` as protobuf or " +
      "JSON, plain or with gzip, deflate. An error is a `google.rpc.Status` " +
      "in the encoding of the request.",
    body: { [PROTOBUF]: z.string(), "application/json": tracesSchema },
    answers: {
      200: {
        description: "All spans are on disk, but those that " +
          "`partialSuccess` tells of.",
        content: {
          [PROTOBUF]: z.string(),
          "application/json": exportResponseSchema,
        },
      },
      ...refusals([400, 401, 403, 413, 415, 429, 503]),
    },
  },
} as const satisfies Operations;
