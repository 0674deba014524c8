import * as protobuf from "protobufjs/minimal.js";
import type { Span } from "../../src/spans/span.ts";
import { plainDifferences, plainSpans, sentSpans } from "./plain_message.ts";

const TRACE_FIELD = 1;
const LENGTH_DELIMITED = 2;

/**
 * How Tempo's answer in protobuf differs from the spans that were sent.
 *
 * @param body A `TraceByIDResponse`, whose field 1 is OTLP's `TracesData`.
 * @param expected Of one trace, no two of one id and kind.
 */
export function tempoDifferences(
  body: Uint8Array,
  expected: readonly Span[],
): readonly string[] {
  return plainDifferences(
    plainSpans(traceIn(body)),
    sentSpans(expected),
  );
}

function traceIn(body: Uint8Array): Uint8Array {
  const reader = protobuf.Reader.create(body);
  let trace = new Uint8Array();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === (TRACE_FIELD << 3 | LENGTH_DELIMITED)) {
      trace = new Uint8Array(reader.bytes());
    } else reader.skipType(tag & 7);
  }
  return trace;
}
