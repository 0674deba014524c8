import type { Encoding } from "../ingest/content.ts";
import { readJsonSpans } from "../spans/read_json.ts";
import { readProtobufSpans } from "../spans/read_protobuf.ts";
import type { Span } from "../spans/span.ts";

/** Reads the spans of a whole body; throws where it cannot. */
export type ReadSpans = (
  bytes: Uint8Array<ArrayBuffer>,
  encoding: Encoding,
) => readonly Span[];

/**
 * How the spans of a stored request are read.
 *
 * @throws {WireFault|JsonSyntaxFault|JsonDepthFault|JsonTypeFault} Where the
 *   bytes are no `ExportTraceServiceRequest`.
 */
export function readWholeSpans(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: Encoding,
): readonly Span[] {
  return encoding === "json" ? readJsonSpans(bytes) : readProtobufSpans(bytes);
}
