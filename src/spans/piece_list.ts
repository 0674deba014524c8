import type { SpanPiece } from "./span_pieces.ts";

const NOT_KNOWN_YET = new Uint8Array();

/**
 * Pieces in the order of their body. A span's resource and scope are known only
 * where they end, for they may come after it.
 */
export class PieceList {
  readonly #pieces: {
    -readonly [Field in keyof SpanPiece]: SpanPiece[Field];
  }[] = [];

  /** All that were added. */
  get pieces(): readonly SpanPiece[] {
    return this.#pieces;
  }

  get length(): number {
    return this.#pieces.length;
  }

  add(span: Uint8Array): void {
    this.#pieces.push({
      resource: NOT_KNOWN_YET,
      scope: NOT_KNOWN_YET,
      span,
    });
  }

  /** Of all pieces from `first` on. */
  setResource(first: number, resource: Uint8Array): void {
    for (let at = first; at < this.#pieces.length; at++) {
      const piece = this.#pieces[at];
      if (piece !== undefined) piece.resource = resource;
    }
  }

  /** Of all pieces from `first` on. */
  setScope(first: number, scope: Uint8Array): void {
    for (let at = first; at < this.#pieces.length; at++) {
      const piece = this.#pieces[at];
      if (piece !== undefined) piece.scope = scope;
    }
  }
}
