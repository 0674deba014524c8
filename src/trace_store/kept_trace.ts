import {
  type KeptSpan,
  PIECE_ENCODINGS,
  type PieceEncoding,
} from "../spans/kept_span.ts";
import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from "../trace/span_facts_codec.ts";
import { readStrings, StringTable } from "../trace/string_table.ts";
import {
  readSummary,
  type TraceSummary,
  writeSummary,
} from "../trace_index/summary.ts";

const VERSION = 1;
const KEY_BYTES = SPAN_ID_BYTES + 1;

/** A trace as it is kept. */
export interface KeptTrace {
  /** A byte string of 16. */
  readonly id: string;
  readonly summary: TraceSummary;
  readonly spans: readonly KeptSpan[];
}

/**
 * Packs traces, each with its spans; what spans share stands there once.
 *
 * @example A trace without spans
 * ```ts
 * import { packKeptTraces, unpackKeptTraces } from "../src/trace_store/kept_trace.ts";
 * import { emptySummary } from "../src/trace_index/summary.ts";
 *
 * const id = "0123456789abcdef";
 * const trace = { id, summary: emptySummary(id), spans: [] };
 * expect(unpackKeptTraces(packKeptTraces([trace]))).toEqual([trace]);
 * ```
 */
export function packKeptTraces(
  traces: readonly KeptTrace[],
): Uint8Array<ArrayBuffer> {
  const strings = new StringTable();
  const parts = new PartTable();
  const body = new ByteWriter();
  for (const { id, summary, spans } of traces) {
    body.rawString(id);
    const packed = new ByteWriter();
    writeSummary(packed, summary, strings);
    packed.varint(spans.length);
    for (const span of spans) {
      packed.rawString(span.key);
      packed.varint(parts.number(span.resource, span.encoding));
      packed.varint(parts.number(span.scope, span.encoding));
      packed.bytes(span.span);
    }
    body.bytes(packed.finish());
  }
  const chunk = new ByteWriter();
  chunk.varint(VERSION);
  strings.write(chunk);
  parts.write(chunk);
  chunk.raw(body.finish());
  return chunk.finish();
}

/**
 * The traces that `packKeptTraces` packed, or those that are asked for.
 *
 * @throws {RangeError} Where the bytes are of another version or cut short.
 */
export function unpackKeptTraces(
  bytes: Uint8Array,
  wantedIds?: ReadonlySet<string>,
): readonly KeptTrace[] {
  const from = new ByteReader(bytes);
  const version = from.varint();
  if (version !== VERSION) {
    throw new RangeError(`Cannot read kept traces of version "${version}"`);
  }
  const strings = readStrings(from);
  const parts = readParts(from);
  const traces: KeptTrace[] = [];
  while (!from.done) {
    const id = from.rawString(TRACE_ID_BYTES);
    const packed = from.bytes();
    if (wantedIds !== undefined && !wantedIds.has(id)) continue;
    const reader = new ByteReader(packed);
    const summary = readSummary(reader, id, strings);
    const spans = Array.from(
      { length: reader.varint() },
      () => readSpan(reader, parts),
    );
    traces.push({ id, summary, spans });
  }
  return traces;
}

interface Part {
  readonly encoding: PieceEncoding;
  readonly bytes: Uint8Array;
}

/** Numbers pieces by what they say; the same object is looked at once. */
class PartTable {
  readonly #seen: Map<Uint8Array, number> = new Map();
  readonly #numbers: Map<string, number> = new Map();
  readonly #parts: Part[] = [];

  number(bytes: Uint8Array, encoding: PieceEncoding): number {
    const seen = this.#seen.get(bytes);
    if (seen !== undefined) return seen;
    const text = encoding + latin1(bytes);
    const number = this.#numbers.get(text) ?? this.#parts.length;
    if (number === this.#parts.length) this.#parts.push({ encoding, bytes });
    this.#numbers.set(text, number);
    this.#seen.set(bytes, number);
    return number;
  }

  write(to: ByteWriter): void {
    to.varint(this.#parts.length);
    for (const { encoding, bytes } of this.#parts) {
      to.byte(PIECE_ENCODINGS.indexOf(encoding));
      to.bytes(bytes);
    }
  }
}

function latin1(bytes: Uint8Array): string {
  return LATIN1.decode(bytes);
}

// Windows-1252 to the platform, in which each byte has a character of its own.
const LATIN1 = new TextDecoder("latin1");

function readParts(from: ByteReader): readonly Part[] {
  return Array.from({ length: from.varint() }, () => {
    const encoding = PIECE_ENCODINGS[from.byte()];
    if (encoding === undefined) {
      throw new RangeError("Cannot read kept traces: an unknown encoding");
    }
    return { encoding, bytes: from.bytes() };
  });
}

function readSpan(from: ByteReader, parts: readonly Part[]): KeptSpan {
  const key = from.rawString(KEY_BYTES);
  const resource = parts[from.varint()];
  const scope = parts[from.varint()];
  if (resource === undefined || scope === undefined) {
    throw new RangeError("Cannot read a kept span: a part of it is missing");
  }
  return {
    key,
    encoding: resource.encoding,
    resource: resource.bytes,
    scope: scope.bytes,
    span: from.bytes(),
  };
}
