import { collectBytes, type CollectOptions } from "./collect_bytes.ts";

/** How a body is compressed. */
export type Compression = "gzip" | "deflate";

/** The decompressed bytes, or why there are none. */
export type Inflated =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
    readonly ok: false;
    readonly status: 400 | 413;
    readonly reason: string;
  };

/**
 * Compressed bytes handed over at a time. The Worker's DecompressionStream
 * has no back-pressure: it inflates a whole piece into memory, whatever that
 * takes. One such piece comes to 2 MiB at most, which the reader takes up
 * before the next is handed over.
 */
export const PIECE_BYTES = 2 * 1024;
/** Deflate makes no more than this of a byte (zlib, "Technical details"). */
export const MAX_DEFLATE_RATIO = 1032;
/** Spans are seldom smaller than this many times their compressed size. */
const USUAL_RATIO = 12;
const GZIP_TRAILER_BYTES = 4;

/** How far a decompression has come. */
interface Progress {
  /** Compressed bytes handed over. */
  taken: number;
  /** No more of them are wanted. */
  stopped: boolean;
}

/**
 * Decompresses a whole body, and stops where it comes to more than `limit`
 * bytes: neither more memory nor more time goes into it. `deflate` is zlib's
 * format by RFC 9110; the raw one that some clients send is told by its first
 * two bytes. Runs in the Worker only: Node cannot read into a buffer here.
 *
 * @returns 413 above the limit; 400 where the bytes are not one whole stream.
 */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  compression: Compression,
  options: { readonly limit: number },
): Promise<Inflated> {
  const bound = inflatedBound(bytes, compression);
  const limit = Math.min(options.limit, bound);
  const stream = new DecompressionStream(format(bytes, compression));
  const progress: Progress = { taken: 0, stopped: false };
  const feeding = feed(bytes, stream.writable, progress);
  const reading = collectOf(stream.readable, progress, {
    limit,
    expected: expectedBytes(bytes, compression),
  });
  const [read, fed] = await Promise.allSettled([reading, feeding]);
  if (read.status === "rejected") {
    return corrupt(bytes, compression, read.reason);
  }
  if (read.value === null) {
    if (bound < options.limit) {
      return corrupt(bytes, compression, `it has more than ${bound} bytes`);
    }
    return {
      ok: false,
      status: 413,
      reason: `The body inflates to more than ${options.limit} bytes: ` +
        `stopped after ${progress.taken} of its ${bytes.length} compressed ones`,
    };
  }
  return fed.status === "rejected"
    ? corrupt(bytes, compression, fed.reason)
    : { ok: true, bytes: read.value };
}

function corrupt(
  bytes: Uint8Array<ArrayBuffer>,
  compression: Compression,
  error: unknown,
): Inflated {
  const why = error instanceof Error ? error.message : String(error);
  return {
    ok: false,
    status: 400,
    reason: `Cannot inflate the ${bytes.length} bytes of the body as ` +
      `${compression}: ${why.replace(/\.$/, "")} (one whole ${compression} ` +
      "stream is expected, with nothing after it)",
  };
}

async function collectOf(
  stream: ReadableStream<Uint8Array>,
  progress: Progress,
  options: CollectOptions,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await collectBytes(stream, options);
  } finally {
    progress.stopped = true;
    // Wakes a writer that waits; what went wrong is known already.
    await stream.cancel().catch(() => undefined);
  }
}

async function feed(
  bytes: Uint8Array<ArrayBuffer>,
  into: WritableStream<Uint8Array<ArrayBuffer>>,
  progress: Progress,
): Promise<void> {
  const writer = into.getWriter();
  while (progress.taken < bytes.length) {
    if (progress.stopped) return;
    const end = Math.min(progress.taken + PIECE_BYTES, bytes.length);
    await writer.write(bytes.subarray(progress.taken, end));
    progress.taken = end;
  }
  if (!progress.stopped) await writer.close();
}

function format(
  bytes: Uint8Array<ArrayBuffer>,
  compression: Compression,
): "gzip" | "deflate" | "deflate-raw" {
  if (compression === "gzip") return "gzip";
  const [first = 0, second = 0] = bytes;
  // RFC 1950: the method is 8, and the two bytes are a multiple of 31.
  const isZlib = (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
  return isZlib ? "deflate" : "deflate-raw";
}

/**
 * At most how many bytes a whole stream can inflate to. Gzip ends with its
 * length; a stream with a false one is not taken.
 *
 * @example
 * ```ts
 * import { inflatedBound } from "../src/ingest/inflate.ts";
 *
 * const gzip = Uint8Array.of(31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 75, 4, 0, 67, 190, 183, 232, 1, 0, 0, 0);
 * expect(inflatedBound(gzip, "gzip")).toBe(1);
 * ```
 */
export function inflatedBound(
  bytes: Uint8Array<ArrayBuffer>,
  compression: Compression,
): number {
  const most = bytes.length * MAX_DEFLATE_RATIO;
  if (compression !== "gzip" || bytes.length < GZIP_TRAILER_BYTES) return most;
  const { buffer, byteOffset, length } = bytes;
  const said = new DataView(buffer, byteOffset)
    .getUint32(length - GZIP_TRAILER_BYTES, true);
  return Math.min(said, most);
}

function expectedBytes(
  bytes: Uint8Array<ArrayBuffer>,
  compression: Compression,
): number {
  return compression === "gzip"
    ? inflatedBound(bytes, compression)
    : bytes.length * USUAL_RATIO;
}
