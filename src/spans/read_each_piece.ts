import type { Resource, Scope, Span } from "./span.ts";
import type { SpanPiece } from "./span_pieces.ts";

/** How the parts of a piece are read. */
interface PieceReaders {
  readonly resource: (bytes: Uint8Array) => Resource;
  readonly scope: (bytes: Uint8Array) => Scope;
  readonly span: (
    bytes: Uint8Array,
    of: { readonly resource: Resource; readonly scope: Scope },
  ) => Span;
}

/** Reads pieces in order; what is the same object in several is read once. */
export function readEachPiece(
  pieces: readonly SpanPiece[],
  readers: PieceReaders,
): readonly Span[] {
  const resources = new Map<Uint8Array, Resource>();
  const scopes = new Map<Uint8Array, Scope>();
  return pieces.map((piece) => {
    const resource = resources.get(piece.resource) ??
      readers.resource(piece.resource);
    resources.set(piece.resource, resource);
    const scope = scopes.get(piece.scope) ?? readers.scope(piece.scope);
    scopes.set(piece.scope, scope);
    return readers.span(piece.span, { resource, scope });
  });
}
