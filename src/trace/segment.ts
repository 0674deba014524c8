import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { FactsReader, TRACE_ID_BYTES } from "./span_facts_codec.ts";
import { readStrings, StringTable } from "./string_table.ts";
import { readTrace, type TraceState, writeTrace } from "./trace_state.ts";

const VERSION = 1;
/** A chunk is closed when its traces take this many bytes. */
export const CHUNK_BYTES = 64 * 1024;

/** A trace with its id (a byte string of 16). */
export interface TraceEntry {
  readonly id: string;
  readonly state: TraceState;
}

/** Some traces of a segment, sorted by id, in one row. */
export interface Chunk {
  /** Id of its first trace. */
  readonly firstId: string;
  readonly body: Uint8Array;
}

/**
 * Packs traces into chunks, so that one row holds some hundred traces.
 *
 * @param entries Sorted by id.
 */
export function packTraces(entries: readonly TraceEntry[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let strings = new StringTable();
  let body = new ByteWriter();
  let firstId = "";
  function close(): void {
    if (body.length === 0) return;
    const chunk = new ByteWriter();
    chunk.varint(VERSION);
    strings.write(chunk);
    chunk.raw(body.finish());
    chunks.push({ firstId, body: chunk.finish() });
    strings = new StringTable();
    body = new ByteWriter();
  }
  for (const entry of entries) {
    if (body.length === 0) firstId = entry.id;
    const trace = new ByteWriter();
    writeTrace(trace, entry, strings);
    body.rawString(entry.id);
    body.bytes(trace.finish());
    if (body.length >= CHUNK_BYTES) close();
  }
  close();
  return chunks;
}

/**
 * The traces of a chunk, or those that are asked for.
 *
 * @throws {RangeError} Where the bytes are of another version or cut short.
 */
export function unpackTraces(
  body: Uint8Array,
  wantedIds?: ReadonlySet<string>,
): readonly TraceEntry[] {
  const from = new ByteReader(body);
  const version = from.varint();
  if (version !== VERSION) {
    throw new RangeError(`Cannot read a segment of version "${version}"`);
  }
  const strings = readStrings(from);
  const entries: TraceEntry[] = [];
  while (!from.done) {
    const id = from.rawString(TRACE_ID_BYTES);
    const bytes = from.bytes();
    if (wantedIds !== undefined && !wantedIds.has(id)) continue;
    const trace = new ByteReader(bytes);
    const facts = new FactsReader(trace, strings);
    entries.push({ id, state: readTrace(trace, id, facts) });
  }
  return entries;
}
