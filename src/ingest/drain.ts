/** The most of a refused body that is read after all: 16 MiB. */
export const MAX_DRAINED_BYTES = 16 * 1024 * 1024;
/** How long that may take, ms: nobody has to have a key for it. */
export const MAX_DRAIN_MS = 10_000;
const BUFFER_BYTES = 16 * 1024;

/**
 * Reads what is left of a body and drops it, up to MAX_DRAINED_BYTES: a client
 * that still sends when the connection ends sees a broken connection instead of
 * the answer, and comes again with a body that will never be taken.
 *
 * @returns How many bytes came.
 */
export async function drain(
  body: ReadableStream<Uint8Array> | null,
  { withinMs = MAX_DRAIN_MS }: { readonly withinMs?: number } = {},
): Promise<number> {
  if (body === null || body.locked) return 0;
  const reader = body.getReader({ mode: "byob" });
  const timer = setTimeout(
    () => void reader.cancel().catch(() => undefined),
    withinMs,
  );
  let left = MAX_DRAINED_BYTES;
  let buffer = new ArrayBuffer(BUFFER_BYTES);
  try {
    while (left > 0) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) break;
      left -= value.byteLength;
      buffer = value.buffer;
    }
  } catch {
    // A body that cannot be read to its end needs no reading.
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
  return MAX_DRAINED_BYTES - left;
}
