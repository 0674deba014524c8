import { joinBytes } from "../codec/join_bytes.ts";
import type { SpanPiece } from "./span_pieces.ts";

/** `resource_spans`, `scope_spans` and `spans` as tags. */
const RESOURCE_SPANS = 10;
const INNER = 18;

const VARINT_MORE = 0x80;
const VARINT_BITS = 0x7f;
const BITS_PER_BYTE = 7;

/** {@linkcode assemble} of pieces in protobuf. */
export function assembleProtobuf(pieces: readonly SpanPiece[]): Uint8Array {
  const body = new Message();
  for (const ofResource of runsOf(pieces, "resource")) {
    const resourceSpans = new Message();
    resourceSpans.fields(ofResource[0]?.resource);
    for (const ofScope of runsOf(ofResource, "scope")) {
      const scopeSpans = new Message();
      scopeSpans.fields(ofScope[0]?.scope);
      for (const { span } of ofScope) scopeSpans.message(INNER, [span]);
      resourceSpans.message(INNER, scopeSpans.parts);
    }
    body.message(RESOURCE_SPANS, resourceSpans.parts);
  }
  return joinBytes(body.parts);
}

/** The bytes of a message in parts: a span's are copied once, at the end. */
class Message {
  readonly parts: Uint8Array[] = [];

  fields(bytes: Uint8Array = new Uint8Array()): void {
    this.parts.push(bytes);
  }

  message(tag: number, parts: readonly Uint8Array[]): void {
    const size = parts.reduce((length, part) => length + part.length, 0);
    this.parts.push(headOf(tag, size));
    // Not spread: there may be more than a call can take.
    for (const part of parts) this.parts.push(part);
  }
}

function headOf(tag: number, size: number): Uint8Array {
  const head = [tag];
  let rest = size;
  while (rest > VARINT_BITS) {
    head.push((rest & VARINT_BITS) | VARINT_MORE);
    rest >>>= BITS_PER_BYTE;
  }
  head.push(rest);
  return Uint8Array.from(head);
}

function runsOf(
  pieces: readonly SpanPiece[],
  shared: "resource" | "scope",
): SpanPiece[][] {
  const runs: SpanPiece[][] = [];
  let run: SpanPiece[] = [];
  let before: Uint8Array | null = null;
  for (const piece of pieces) {
    if (piece[shared] !== before) {
      run = [];
      runs.push(run);
      before = piece[shared];
    }
    run.push(piece);
  }
  return runs;
}
