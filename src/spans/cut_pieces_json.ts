import { JsonCursor } from "../otlp/json_cursor.ts";
import { wantedFields, type WantedKeys } from "../otlp/wanted_keys.ts";
import { joinBytes } from "../codec/join_bytes.ts";
import { PieceList } from "./piece_list.ts";
import type { SpanPiece } from "./span_pieces.ts";

const REQUEST = wantedFields(["resourceSpans"]);
const RESOURCE_SPANS = wantedFields(["scopeSpans"]);
const SCOPE_SPANS = wantedFields(["spans"]);

const OPEN_BRACKET = 0x5b;

/** {@linkcode piecesOf} of a body in JSON. */
export function cutPiecesJson(body: Uint8Array): readonly SpanPiece[] {
  return new JsonPieces(body).read();
}

class JsonPieces {
  readonly #cursor: JsonCursor;
  readonly #list = new PieceList();

  constructor(body: Uint8Array) {
    this.#cursor = new JsonCursor(body);
  }

  read(): readonly SpanPiece[] {
    this.#restOf(REQUEST, () => this.#resourceSpans());
    this.#cursor.end();
    return this.#list.pieces;
  }

  #resourceSpans(): void {
    const first = this.#list.length;
    const rest = this.#restOf(RESOURCE_SPANS, () => this.#scopeSpans());
    this.#list.setResource(first, rest);
  }

  #scopeSpans(): void {
    const first = this.#list.length;
    const rest = this.#restOf(SCOPE_SPANS, () => this.#span());
    this.#list.setScope(first, rest);
  }

  #span(): void {
    const cursor = this.#cursor;
    cursor.peek();
    const start = cursor.at;
    cursor.skip();
    this.#list.add(cursor.bytes.subarray(start, cursor.at));
  }

  // An object's text with the array of `field` empty, whose items are visited.
  // The field may come twice: both are meant.
  #restOf(field: WantedKeys<string>, visit: () => void): Uint8Array {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    const kept: Uint8Array[] = [];
    cursor.peek();
    let keptFrom = cursor.at;
    for (let more = cursor.enterItem(); more; more = cursor.nextField()) {
      if (cursor.field(field) === undefined) {
        cursor.skip();
        continue;
      }
      const isArray = cursor.peek() === OPEN_BRACKET;
      const openAt = cursor.at;
      for (let item = cursor.enterArray(); item; item = cursor.nextItem()) {
        visit();
      }
      if (!isArray) continue;
      kept.push(bytes.subarray(keptFrom, openAt + 1));
      keptFrom = cursor.at - 1;
    }
    kept.push(bytes.subarray(keptFrom, cursor.at));
    return joinBytes(kept);
  }
}
