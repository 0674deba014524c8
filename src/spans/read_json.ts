import { JsonCursor } from "../otlp/json_cursor.ts";
import { cutPiecesJson } from "./cut_pieces_json.ts";
import { readResource, readScope, readSpan } from "./json_span.ts";
import { readEachPiece } from "./read_each_piece.ts";
import type { Span } from "./span.ts";
import type { SpanPiece } from "./span_pieces.ts";

/**
 * Reads all spans of a body in JSON with every field, in its order. Spans of
 * one ResourceSpans share one `Resource`, those of one ScopeSpans one `Scope`.
 *
 * The rules are those of `readTracesJson`: ids of any case, enums by number or
 * name, 64-bit integers as strings or numbers with every digit, lists and
 * objects that come twice merged, half of a surrogate pair U+FFFD. But what
 * has a wrong type within a resource, a scope or a span is as good as missing,
 * for `readTracesJson` does not look at all of it; and a span that it rejects
 * is here as well, an id that is not hex being "".
 *
 * @param bytes An ExportTraceServiceRequest.
 * @throws {JsonSyntaxFault} Where it is not JSON.
 * @throws {JsonDepthFault} Where it is more than `MAX_JSON_DEPTH` levels deep.
 * @throws {JsonTypeFault} Where what should hold spans is of a wrong type.
 *
 * @example An integer that no double holds
 * ```ts
 * import { readJsonSpans } from "../src/spans/read_json.ts";
 *
 * const text = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":' +
 *   '[{"key":"n","value":{"intValue":9007199254740993}}]}]}]}]}';
 * const [span] = readJsonSpans(new TextEncoder().encode(text));
 * expect(span?.attributes.get("n")).toBe(9007199254740993n);
 * ```
 */
export function readJsonSpans(bytes: Uint8Array): readonly Span[] {
  return readJsonPieces(cutPiecesJson(bytes));
}

/** {@linkcode readPieces} of pieces in JSON. */
export function readJsonPieces(pieces: readonly SpanPiece[]): readonly Span[] {
  return readEachPiece(pieces, {
    resource: (text) => readResource(new JsonCursor(text)),
    scope: (text) => readScope(new JsonCursor(text)),
    span: (text, of) => readSpan(new JsonCursor(text), of),
  });
}
