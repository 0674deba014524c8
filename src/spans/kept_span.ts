import type { SpanFacts } from "../trace/span_facts.ts";

/** How a span's bytes are to be read. */
export const PIECE_ENCODINGS = ["protobuf", "json"] as const;
/** One of them. */
export type PieceEncoding = typeof PIECE_ENCODINGS[number];

/** A span as it was sent, with what it shares with others. */
export interface KeptSpan {
  /** What tells it from others of its trace (`spanKey`). */
  readonly key: string;
  readonly encoding: PieceEncoding;
  /** The fields of its `ResourceSpans` without the scopes. */
  readonly resource: Uint8Array;
  /** The fields of its `ScopeSpans` without the spans. */
  readonly scope: Uint8Array;
  readonly span: Uint8Array;
}

/** A span's id and kind: the two halves of a call may share the id. */
export function spanKey(span: Pick<SpanFacts, "spanId" | "kind">): string {
  return span.spanId + String.fromCharCode(span.kind);
}
