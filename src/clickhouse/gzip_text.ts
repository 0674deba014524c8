/**
 * Text that is compressed piece by piece as it comes, so that only its
 * compressed bytes are held.
 */
export class GzipText {
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  readonly #bytes: Promise<ArrayBuffer>;

  constructor() {
    const { readable, writable } = new CompressionStream("gzip");
    this.#writer = writable.getWriter();
    this.#bytes = new Response(readable).arrayBuffer();
  }

  /** Adds a piece; settles when there is room for another. */
  async write(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text));
  }

  /** Ends it. @returns All of it, compressed. */
  async end(): Promise<Uint8Array<ArrayBuffer>> {
    await this.#writer.close();
    return new Uint8Array(await this.#bytes);
  }
}
