import { joinBytes } from "../codec/join_bytes.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import type { TempoTraceOptions } from "./tempo_trace.ts";

const TRACE = 0x0a;
const METRICS = 0x12;
const STATUS = 0x18;
const MESSAGE = 0x22;
const PARTIAL = 1;

/**
 * Tempo's `TraceByIDResponse` in protobuf, which `/api/v2/traces/{id}` answers.
 *
 * @param tracesData OTLP's `TracesData`: on the wire the same as Tempo's
 *   `Trace`, which is all that `/api/traces/{id}` answers.
 *
 * Source: grafana/tempo, pkg/tempopb/tempo.proto.
 */
export function traceByIdResponse(
  tracesData: Uint8Array,
  { partial = "" }: TempoTraceOptions = {},
): Uint8Array {
  const message = new TextEncoder().encode(partial);
  const head = new ByteWriter();
  head.byte(TRACE);
  head.varint(tracesData.length);
  const tail = new ByteWriter();
  tail.byte(METRICS);
  tail.varint(0);
  if (message.length > 0) {
    tail.byte(STATUS);
    tail.varint(PARTIAL);
    tail.byte(MESSAGE);
    tail.varint(message.length);
  }
  return joinBytes([head.finish(), tracesData, tail.finish(), message]);
}
