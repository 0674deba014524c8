import { BloomFilter } from "../trace/bloom_filter.ts";
import { deflate } from "../codec/deflate.ts";
import { type KeptSpan } from "../spans/kept_span.ts";
import { type KeptTrace, packKeptTraces } from "./kept_trace.ts";
import {
  bytesOfPage,
  packPages,
  type TracePage,
} from "../trace_index/trace_page.ts";

/** A chunk is closed when its spans take this many bytes. */
export const KEPT_CHUNK_BYTES = 256 * 1024;
/** Bytes that are kept of one trace; spans beyond are not. */
export const MAX_TRACE_BYTES = 4 * 1024 * 1024;

/** Some kept traces of a batch, sorted by id, deflated. */
export interface KeptChunk {
  /** Of its first trace; a byte string. */
  readonly firstId: string;
  readonly body: Uint8Array;
}

/** Traces, ready to be written. */
export interface TraceBatch {
  readonly chunks: readonly KeptChunk[];
  readonly pages: readonly TracePage[];
  readonly filter: BloomFilter;
  /** On disk. */
  readonly bytes: number;
  readonly traces: number;
}

/**
 * Packs traces into chunks that are sorted by id, and pages that are sorted by
 * start. Spans of one trace stand together, so a look-up reads one chunk.
 */
export async function packBatch(
  traces: readonly KeptTrace[],
): Promise<TraceBatch> {
  const sorted = traces.toSorted((a, b) => a.id < b.id ? -1 : 1);
  const chunks: KeptChunk[] = [];
  let open: KeptTrace[] = [];
  let openBytes = 0;
  async function close(): Promise<void> {
    const [first] = open;
    if (first === undefined) return;
    const body = await deflate(packKeptTraces(open));
    chunks.push({ firstId: first.id, body });
    open = [];
    openBytes = 0;
  }
  for (const trace of sorted) {
    open.push(trace);
    for (const { span } of trace.spans) openBytes += span.length;
    if (openBytes >= KEPT_CHUNK_BYTES) await close();
  }
  await close();
  const pages = packPages(traces.map(({ summary }) => summary));
  const bytes = [
    ...chunks.map(({ body }) => body.length),
    ...pages.map(bytesOfPage),
  ].reduce((sum, length) => sum + length, 0);
  const filter = BloomFilter.of(sorted.map(({ id }) => id));
  return { chunks, pages, filter, bytes, traces: traces.length };
}

/** The bytes of a span, with its share of what it has in common. */
export function bytesOfSpan({ span, resource, scope }: KeptSpan): number {
  // What is shared stands there once for many spans.
  return span.length + Math.ceil((resource.length + scope.length) / 16);
}
