import type { ByteRange } from "../../src/otlp/byte_range.ts";

/** A text's bytes, within others that would go on with digits. */
export function rangeOf(text: string): ByteRange {
  const bytes = new TextEncoder().encode(text);
  const source = new Uint8Array(bytes.length + 2).fill(0x31);
  source.set(bytes, 1);
  return { source, from: 1, to: 1 + bytes.length };
}
