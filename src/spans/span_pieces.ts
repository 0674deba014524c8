import { assembleProtobuf } from "./assemble_protobuf.ts";
import { cutPiecesJson } from "./cut_pieces_json.ts";
import { cutPiecesProtobuf } from "./cut_pieces_protobuf.ts";
import { readJsonPieces } from "./read_json.ts";
import { readProtobufPieces } from "./read_protobuf.ts";
import type { Span } from "./span.ts";

/** One span of a body with what it shares with others, as it was sent. */
export interface SpanPiece {
  /**
   * Its ResourceSpans without the spans: in protobuf the fields that are not
   * `scope_spans`, in JSON the object with an empty array of `scopeSpans`. One
   * object for all spans of it.
   */
  readonly resource: Uint8Array;
  /** Its ScopeSpans without the spans, in the same way. */
  readonly scope: Uint8Array;
  /** The Span: the message's fields, or the object's text. */
  readonly span: Uint8Array;
}

/**
 * A body cut into its spans, without reading them: one piece for every span, in
 * the body's order, so that a piece's index is the ordinal that `cutSpans`
 * gives its span.
 *
 * @param body An `ExportTraceServiceRequest` that `readTracesProtobuf` or
 *   `readTracesJson` has read. The pieces point into it, where what they hold
 *   is of one piece there.
 * @throws {WireFault|JsonSyntaxFault|JsonDepthFault|JsonTypeFault} Where the
 *   body cannot be read.
 *
 * @example Two spans of one scope
 * ```ts
 * import { piecesOf } from "../src/spans/span_pieces.ts";
 *
 * const text = '{"resourceSpans":[{"resource":{},"scopeSpans":[' +
 *   '{"scope":{"name":"a"},"spans":[{"name":"b"},{"name":"c"}]}]}]}';
 * const pieces = piecesOf(new TextEncoder().encode(text), "json");
 * const [first, second] = pieces;
 * expect(new TextDecoder().decode(first?.resource))
 *   .toBe('{"resource":{},"scopeSpans":[]}');
 * expect(new TextDecoder().decode(first?.scope))
 *   .toBe('{"scope":{"name":"a"},"spans":[]}');
 * expect(new TextDecoder().decode(second?.span)).toBe('{"name":"c"}');
 * expect(second?.scope).toBe(first?.scope);
 * ```
 */
export function piecesOf(
  body: Uint8Array,
  encoding: "json" | "protobuf",
): readonly SpanPiece[] {
  return encoding === "json" ? cutPiecesJson(body) : cutPiecesProtobuf(body);
}

/**
 * Pieces put together again, as a TracesData in protobuf. Those that follow
 * each other and have the same object as resource, or scope, share it.
 *
 * @param pieces Of bodies in protobuf.
 *
 * @example Back to a body
 * ```ts
 * import { assemble, piecesOf } from "../src/spans/span_pieces.ts";
 *
 * const body = Uint8Array.of(10, 8, 10, 0, 18, 4, 18, 0, 18, 0);
 * const pieces = piecesOf(body, "protobuf");
 * expect(pieces.length).toBe(2);
 * expect(assemble(pieces)).toEqual(body);
 * ```
 */
export function assemble(pieces: readonly SpanPiece[]): Uint8Array {
  return assembleProtobuf(pieces);
}

/**
 * Reads pieces into whole spans, in their order: what `readProtobufSpans` or
 * `readJsonSpans` reads of the body that they are of. Pieces that have the same
 * object as resource, or scope, share one `Resource`, or `Scope`.
 *
 * @throws {WireFault|JsonSyntaxFault|JsonDepthFault} Where a piece cannot be
 *   read; never for those of a body that was accepted.
 *
 * @example The first span alone
 * ```ts
 * import { piecesOf, readPieces } from "../src/spans/span_pieces.ts";
 *
 * const text = '{"resourceSpans":[{"scopeSpans":[' +
 *   '{"scope":{"name":"a"},"spans":[{"name":"b"},{"name":"c"}]}]}]}';
 * const pieces = piecesOf(new TextEncoder().encode(text), "json");
 * const [span] = readPieces(pieces.slice(0, 1), "json");
 * expect([span?.name, span?.scope.name]).toEqual(["b", "a"]);
 * ```
 */
export function readPieces(
  pieces: readonly SpanPiece[],
  encoding: "json" | "protobuf",
): readonly Span[] {
  return encoding === "json"
    ? readJsonPieces(pieces)
    : readProtobufPieces(pieces);
}
