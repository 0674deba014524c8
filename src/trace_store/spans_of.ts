import { readPieces } from "../spans/span_pieces.ts";
import type { Span } from "../spans/span.ts";
import { PIECE_ENCODINGS } from "../spans/kept_span.ts";
import { type KeptTrace } from "./kept_trace.ts";

/**
 * The spans of a kept trace. Those that share their resource and scope stand
 * together, so that they share these objects, too.
 */
export function spansOf(trace: KeptTrace): readonly Span[] {
  const numbers = new Map<Uint8Array, number>();
  function numberOf(part: Uint8Array): number {
    const number = numbers.get(part) ?? numbers.size;
    numbers.set(part, number);
    return number;
  }
  const numbered = trace.spans.map((span) => ({
    span,
    resource: numberOf(span.resource),
    scope: numberOf(span.scope),
  })).toSorted((a, b) => a.resource - b.resource || a.scope - b.scope);
  return PIECE_ENCODINGS.flatMap((encoding) =>
    readPieces(
      numbered.map(({ span }) => span)
        .filter((span) => span.encoding === encoding),
      encoding,
    )
  );
}
