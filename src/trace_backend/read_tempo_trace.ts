import { Reader } from "protobufjs/minimal.js";
import { WireFault } from "../otlp/wire_cursor.ts";
import { readProtobufSpans } from "../spans/read_protobuf.ts";
import type { BackendTrace } from "./trace_backend.ts";

const TRACE = 1;
const STATUS = 3;
const MESSAGE = 4;
const PARTIAL = 1;

/**
 * Reads Tempo's `TraceByIDResponse`, which `/api/v2/traces/{id}` answers.
 *
 * @returns null where the bytes are none.
 *
 * Source: grafana/tempo, pkg/tempopb/tempo.proto.
 */
export function readTempoTrace(bytes: Uint8Array): BackendTrace | null {
  try {
    return read(new Reader(bytes));
  } catch (error) {
    if (error instanceof WireFault || error instanceof RangeError) return null;
    // What protobufjs throws of a wire type that it does not know.
    if (error instanceof Error && error.message.startsWith("invalid wire")) {
      return null;
    }
    throw error;
  }
}

function read(from: Reader): BackendTrace {
  let spans: BackendTrace["spans"] = [];
  let isPartial = false;
  let message = "";
  while (from.pos < from.len) {
    const tag = from.uint32();
    switch (tag >>> 3) {
      case TRACE:
        spans = [...spans, ...readProtobufSpans(from.bytes())];
        break;
      case STATUS:
        isPartial = from.int32() === PARTIAL;
        break;
      case MESSAGE:
        message = from.string();
        break;
      default:
        from.skipType(tag & 7);
    }
  }
  const warning = isPartial ? `it is not whole: ${message}` : null;
  return { spans, warning };
}
