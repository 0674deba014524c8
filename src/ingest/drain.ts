/** The most of a refused body that is read after all: 16 MiB. */
export const MAX_DRAINED_BYTES = 16 * 1024 * 1024;
const BUFFER_BYTES = 64 * 1024;

/**
 * Reads what is left of a body and drops it, up to MAX_DRAINED_BYTES: a client
 * that still sends when the connection ends sees a broken connection instead of
 * the answer, and comes again with a body that will never be taken.
 */
export async function drain(
  body: ReadableStream<Uint8Array> | null,
): Promise<void> {
  if (body === null || body.locked) return;
  const reader = body.getReader({ mode: "byob" });
  let left = MAX_DRAINED_BYTES;
  let buffer = new ArrayBuffer(BUFFER_BYTES);
  try {
    while (left > 0) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) return;
      left -= value.byteLength;
      buffer = value.buffer;
    }
  } catch {
    // A body that cannot be read to its end needs no reading.
  } finally {
    reader.releaseLock();
  }
}
