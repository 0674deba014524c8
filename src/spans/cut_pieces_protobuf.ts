import { joinBytes } from "../codec/join_bytes.ts";
import { WireCursor } from "../otlp/wire_cursor.ts";
import { PieceList } from "./piece_list.ts";
import type { SpanPiece } from "./span_pieces.ts";

/**
 * Fields as tags: number times 8 plus wire type. `scope_spans` of ResourceSpans
 * and `spans` of ScopeSpans have the same.
 */
const RESOURCE_SPANS = 10;
const INNER = 18;

/** {@linkcode piecesOf} of a body in protobuf. */
export function cutPiecesProtobuf(body: Uint8Array): readonly SpanPiece[] {
  return new ProtobufPieces(body).read();
}

class ProtobufPieces {
  readonly #cursor: WireCursor;
  readonly #list = new PieceList();

  constructor(body: Uint8Array) {
    this.#cursor = new WireCursor(body);
  }

  read(): readonly SpanPiece[] {
    const cursor = this.#cursor;
    const end = cursor.bytes.length;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      if (tag === RESOURCE_SPANS) this.#resourceSpans(cursor.payload(end));
      else cursor.skip(tag, end);
    }
    return this.#list.pieces;
  }

  #resourceSpans(end: number): void {
    const first = this.#list.length;
    const rest = this.#restOf(end, (scopeEnd) => this.#scopeSpans(scopeEnd));
    this.#list.setResource(first, rest);
  }

  #scopeSpans(end: number): void {
    const { bytes } = this.#cursor;
    const first = this.#list.length;
    const rest = this.#restOf(end, (spanEnd) => {
      this.#list.add(bytes.subarray(this.#cursor.at, spanEnd));
      this.#cursor.at = spanEnd;
    });
    this.#list.setScope(first, rest);
  }

  // A message down to `end` without its inner messages, which are visited.
  #restOf(end: number, visit: (innerEnd: number) => void): Uint8Array {
    const cursor = this.#cursor;
    const kept: Uint8Array[] = [];
    let keptFrom = cursor.at;
    while (cursor.at < end) {
      const start = cursor.at;
      const tag = cursor.tag(end);
      if (tag !== INNER) {
        cursor.skip(tag, end);
        continue;
      }
      const innerEnd = cursor.payload(end);
      if (start > keptFrom) kept.push(cursor.bytes.subarray(keptFrom, start));
      visit(innerEnd);
      keptFrom = innerEnd;
    }
    if (end > keptFrom) kept.push(cursor.bytes.subarray(keptFrom, end));
    return joinBytes(kept);
  }
}
