import { opentelemetry } from "../../proto/generated/otlp.js";
import { WireFault } from "../otlp/wire_cursor.ts";
import { resourceOf, scopeOf, spanOf } from "./message_span.ts";
import { readEachPiece } from "./read_each_piece.ts";
import type { Span } from "./span.ts";
import type { SpanPiece } from "./span_pieces.ts";
import { SpanReader } from "./span_reader.ts";

const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;
const { ResourceSpans, ScopeSpans, Span: SpanMessage } =
  opentelemetry.proto.trace.v1;

/**
 * Reads all spans of a body in protobuf with every field, in its order. Spans
 * of one ResourceSpans share one `Resource`, those of one ScopeSpans one
 * `Scope`.
 *
 * The rules are those of `readTracesProtobuf`, but a span that it rejects is
 * here as well, its ids as long as they were sent.
 *
 * @param bytes A TracesData, or an ExportTraceServiceRequest, which is the
 *   same. Attributes of bytes point into it.
 * @throws {WireFault} Where it is malformed, or more than `MAX_MESSAGE_DEPTH`
 *   messages deep.
 *
 * @example The smallest span there is
 * ```ts
 * import { readProtobufSpans } from "../src/spans/read_protobuf.ts";
 *
 * const name = [42, 1, 97];
 * const body = Uint8Array.of(10, 7, 18, 5, 18, 3, ...name);
 * const [span] = readProtobufSpans(body);
 * expect(span?.name).toBe("a");
 * expect(() => readProtobufSpans(body.subarray(0, 7)))
 *   .toThrow("index out of range");
 * ```
 */
export function readProtobufSpans(bytes: Uint8Array): readonly Span[] {
  const spans: Span[] = [];
  const data = decode(ExportTraceServiceRequest, bytes);
  for (const resourceSpans of data.resourceSpans) {
    const resource = resourceOf(resourceSpans);
    for (const scopeSpans of resourceSpans.scopeSpans ?? []) {
      const scope = scopeOf(scopeSpans);
      for (const span of scopeSpans.spans ?? []) {
        spans.push(spanOf(span, { resource, scope }));
      }
    }
  }
  return spans;
}

/** {@linkcode readPieces} of pieces in protobuf. */
export function readProtobufPieces(
  pieces: readonly SpanPiece[],
): readonly Span[] {
  return readEachPiece(pieces, {
    resource: (bytes) => resourceOf(decode(ResourceSpans, bytes)),
    scope: (bytes) => scopeOf(decode(ScopeSpans, bytes)),
    span: (bytes, of) => spanOf(decode(SpanMessage, bytes), of),
  });
}

function decode<Message>(
  type: { readonly decode: (reader: SpanReader) => Message },
  bytes: Uint8Array,
): Message {
  try {
    return type.decode(new SpanReader(bytes));
  } catch (error) {
    if (error instanceof WireFault) throw error;
    // What protobufjs throws has no class of its own.
    const reason = error instanceof Error ? error.message : String(error);
    throw new WireFault(`protobufjs cannot decode it: ${reason}`, {
      cause: error,
    });
  }
}
