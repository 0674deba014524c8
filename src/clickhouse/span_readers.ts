import type { Encoding } from "../ingest/content.ts";
import type { Span } from "../spans/span.ts";

/** Reads the spans of a whole body; throws where it cannot. */
export type ReadSpans = (
  bytes: Uint8Array<ArrayBuffer>,
  encoding: Encoding,
) => readonly Span[];

/**
 * How the spans of a stored request are read.
 *
 * @throws {RangeError} Where the bytes are no `ExportTraceServiceRequest`.
 */
export function readWholeSpans(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: Encoding,
): readonly Span[] {
  throw new RangeError(
    `Cannot read ${bytes.length} bytes of ${encoding}: no reader is there`,
  );
}
