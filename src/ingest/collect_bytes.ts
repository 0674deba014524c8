/** Where nothing is known about a stream's length, its first buffer. */
const INITIAL_BYTES = 64 * 1024;
/**
 * The least that a full buffer grows by: what a decompression yields of one
 * piece (see `inflate`), so that the reader keeps up with it.
 */
const GROWTH_BYTES = 2 * 1024 * 1024;

/** A stream that took longer than it may. */
export class SlowStreamError extends Error {
  override readonly name = "SlowStreamError";
}

/** How `collectBytes` reads. */
export interface CollectOptions {
  /** The most bytes that may come. */
  readonly limit: number;
  /** How many are likely to come: saves copying; need not be true. */
  readonly expected?: number;
  /** How long they may take to come, ms. @default no limit */
  readonly withinMs?: number;
}

/**
 * Reads a byte stream into one buffer, and stops where more than `limit` bytes
 * come. Each read fills what the buffer has left: the fewest turns, and a
 * producer without back-pressure finds its bytes taken up at once.
 *
 * @returns null where there are more than `limit` bytes; the rest stays in the
 * stream. A failing stream rejects with its own error.
 * @throws {SlowStreamError} After `withinMs`; the stream is cancelled then.
 *
 * @example Within the limit, and one byte over it
 * ```ts
 * import { collectBytes } from "../src/ingest/collect_bytes.ts";
 *
 * const abc = new Response("abc").body;
 * expect(abc && await collectBytes(abc, { limit: 3 }))
 *   .toEqual(new TextEncoder().encode("abc"));
 * const abcd = new Response("abcd").body;
 * expect(abcd && await collectBytes(abcd, { limit: 3 })).toBe(null);
 * ```
 */
export async function collectBytes(
  stream: ReadableStream<Uint8Array>,
  options: CollectOptions,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const { withinMs } = options;
  const reader = stream.getReader({ mode: "byob" });
  if (withinMs === undefined) return collect(reader, options);
  const progress = { late: false };
  const timer = setTimeout(() => {
    progress.late = true;
    // Ends the reading that is under way.
    void reader.cancel().catch(() => undefined);
  }, withinMs);
  const [read] = await Promise.allSettled([collect(reader, options)]);
  clearTimeout(timer);
  // A cancelled stream looks like one that came to its end.
  if (progress.late) {
    throw new SlowStreamError(`It did not end within ${withinMs} ms`);
  }
  if (read.status === "rejected") throw read.reason;
  return read.value;
}

async function collect(
  reader: ReadableStreamBYOBReader,
  { limit, expected = INITIAL_BYTES }: CollectOptions,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const most = limit + 1;
  let buffer = new ArrayBuffer(Math.min(most, Math.max(expected, 1) + 1));
  let used = 0;
  try {
    for (;;) {
      if (used === buffer.byteLength) {
        buffer = grown(buffer, Math.min(most, used * 2 + GROWTH_BYTES));
      }
      const read = await reader.read(new Uint8Array(buffer, used));
      const view: Uint8Array<ArrayBuffer> | undefined = read.value;
      if (view === undefined) throw new TypeError("The stream was cancelled");
      buffer = view.buffer;
      if (read.done) return new Uint8Array(buffer, 0, used);
      used += view.byteLength;
      if (used > limit) return null;
    }
  } finally {
    reader.releaseLock();
  }
}

function grown(buffer: ArrayBuffer, length: number): ArrayBuffer {
  const larger = new Uint8Array(length);
  larger.set(new Uint8Array(buffer));
  return larger.buffer;
}
