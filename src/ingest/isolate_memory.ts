import { inflatedBound } from "./inflate.ts";
import { MemoryBudget } from "./memory_budget.ts";
import { MAX_SPANS_PER_REQUEST } from "../otlp/span_batch_builder.ts";
import type { Content } from "./content.ts";

/** Bytes of bodies as they came that an isolate holds at a time: 24 MiB. */
export const RECEIVED_BYTES = 24 * 1024 * 1024;
/** What of it one key may hold: slow senders are not to shut out the others. */
export const RECEIVED_BYTES_PER_KEY = RECEIVED_BYTES / 2;
/** Bytes that reading takes in an isolate at a time: 56 MiB. */
export const READING_BYTES = 56 * 1024 * 1024;
/** What an inflated byte takes: itself, its strings, its part of a message. */
export const BYTES_PER_INFLATED_BYTE = 1.5;
/** What a span takes beside: its row, and its facts on their way to a shard. */
export const BYTES_PER_SPAN = 384;
/** Spans are seldom smaller than this, bytes. */
export const SMALL_SPAN_BYTES = 64;

/**
 * An isolate has 128 MB, whatever comes: what the requests under way take of
 * it is leased from these two, and what finds no room waits, then is told to
 * come again. The first is held from the first byte to the answer, since the
 * body goes on as it came; the second while a body is read and delivered.
 */
export const receivedMemory = new MemoryBudget({
  capacityBytes: RECEIVED_BYTES,
  ownerBytes: RECEIVED_BYTES_PER_KEY,
});
/** See `receivedMemory`. */
export const readingMemory = new MemoryBudget({ capacityBytes: READING_BYTES });

/**
 * Bytes that reading a body takes at the most, as far as that can be known
 * before it is inflated.
 *
 * @example A plain body
 * ```ts
 * import { readingBytes } from "../src/ingest/isolate_memory.ts";
 *
 * const content = { encoding: "json", compression: null } as const;
 * const limits = { maxInflatedBytes: 1000 };
 * expect(readingBytes(new Uint8Array(100), content, limits)).toBe(750);
 * ```
 */
export function readingBytes(
  received: Uint8Array<ArrayBuffer>,
  content: Content,
  { maxInflatedBytes }: { readonly maxInflatedBytes: number },
): number {
  const { compression } = content;
  const inflated = compression === null
    ? received.length
    : inflatedBound(received, compression);
  const bytes = Math.min(inflated, maxInflatedBytes);
  const spans = Math.min(bytes / SMALL_SPAN_BYTES, MAX_SPANS_PER_REQUEST);
  return bytes * BYTES_PER_INFLATED_BYTE + spans * BYTES_PER_SPAN;
}
