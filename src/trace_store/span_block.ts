import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { PIECE_ENCODINGS, type PieceEncoding } from "../spans/kept_span.ts";

/** The bytes of a span, and of what it shares with others of its request. */
export interface BlockSpan {
  readonly resource: Uint8Array;
  readonly scope: Uint8Array;
  readonly span: Uint8Array;
}

/** The spans of a message as they were sent, in the order of its facts. */
export interface SpanBlock {
  readonly encoding: PieceEncoding;
  /** null for one that is too large to be kept. */
  readonly spans: readonly (BlockSpan | null)[];
}

/** A span is not kept whose bytes, with its resource's and scope's, are more. */
export const MAX_KEPT_SPAN_BYTES = 256 * 1024;

/**
 * Packs spans as they come; a resource or scope that is the same object stands
 * there once.
 *
 * @example
 * ```ts
 * import { readSpanBlock, SpanBlockWriter } from "../src/trace_store/span_block.ts";
 *
 * const piece = Uint8Array.of(1, 2, 3);
 * const span = { resource: piece, scope: piece, span: piece };
 * const writer = new SpanBlockWriter("protobuf");
 * writer.add(span);
 * expect(readSpanBlock(writer.finish()))
 *   .toEqual({ encoding: "protobuf", spans: [span] });
 * ```
 */
export class SpanBlockWriter {
  readonly #encoding: PieceEncoding;
  readonly #numbers: Map<Uint8Array, number> = new Map();
  readonly #body = new ByteWriter();
  #partBytes = 0;
  #spans = 0;

  constructor(encoding: PieceEncoding) {
    this.#encoding = encoding;
  }

  /** About how many bytes the block has so far. */
  get length(): number {
    return this.#body.length + this.#partBytes;
  }

  /**
   * Adds a span; null for one that is not kept.
   *
   * @returns Whether it is kept: one of more than MAX_KEPT_SPAN_BYTES is not.
   */
  add(one: BlockSpan | null): boolean {
    this.#spans++;
    if (one === null || sizeOf(one) > MAX_KEPT_SPAN_BYTES) {
      this.#body.varint(0);
      return false;
    }
    const { resource, scope, span } = one;
    this.#body.varint(this.#number(resource) + 1);
    this.#body.varint(this.#number(scope));
    this.#body.bytes(span);
    return true;
  }

  #number(part: Uint8Array): number {
    const known = this.#numbers.get(part);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(part, number);
    this.#partBytes += part.length;
    return number;
  }

  /** The block; empty without any span. */
  finish(): Uint8Array<ArrayBuffer> {
    const block = new ByteWriter();
    if (this.#spans === 0) return block.finish();
    block.byte(PIECE_ENCODINGS.indexOf(this.#encoding));
    block.varint(this.#numbers.size);
    for (const part of this.#numbers.keys()) block.bytes(part);
    block.raw(this.#body.finish());
    return block.finish();
  }
}

function sizeOf({ resource, scope, span }: BlockSpan): number {
  return resource.length + scope.length + span.length;
}

/**
 * Reads a block.
 *
 * @param isWanted Told a span's place: whether it is read, or null in its place.
 * @throws {RangeError} Where the bytes are none.
 */
export function readSpanBlock(
  bytes: Uint8Array,
  isWanted: (at: number) => boolean = () => true,
): SpanBlock {
  const from = new ByteReader(bytes);
  const encoding = PIECE_ENCODINGS[from.byte()];
  if (encoding === undefined) {
    throw new RangeError("Cannot read a block of spans: an unknown encoding");
  }
  const parts = Array.from({ length: from.varint() }, () => from.bytes());
  const spans: (BlockSpan | null)[] = [];
  while (!from.done) {
    const number = from.varint();
    if (number === 0) {
      spans.push(null);
      continue;
    }
    if (!isWanted(spans.length)) {
      from.varint();
      from.skip(from.varint());
      spans.push(null);
      continue;
    }
    const resource = parts[number - 1];
    const scope = parts[from.varint()];
    if (resource === undefined || scope === undefined) {
      throw new RangeError("Cannot read a block of spans: a part is missing");
    }
    spans.push({ resource, scope, span: from.bytes() });
  }
  return { encoding, spans };
}
