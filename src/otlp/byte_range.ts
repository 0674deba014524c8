/** A piece of some bytes. */
export interface ByteRange {
  readonly source: Uint8Array;
  /** Offset of its first byte. */
  readonly from: number;
  /** Offset of the byte after its last. */
  readonly to: number;
}
