import { ByteReader } from "../codec/byte_reader.ts";
import { bytesOf } from "../codec/byte_string.ts";

const BITS_PER_ENTRY = 16;
// 16 bits an entry and 6 probes: wrong once in about 1,500 look-ups.
const PROBES = 6;
const MIN_BYTES = 64;

/**
 * Says of a trace id that a segment does not hold it, or that it may.
 *
 * Source: Kirsch and Mitzenmacher, "Less Hashing, Same Performance" (2006):
 * two hashes make all the probes; a trace id's bytes serve as both, mixed,
 * since not every sender's ids are random throughout.
 *
 * @example
 * ```ts
 * import { BloomFilter } from "../src/trace/bloom_filter.ts";
 *
 * const filter = BloomFilter.of(["0123456789abcdef"]);
 * expect(filter.mayHold("0123456789abcdef")).toBe(true);
 * expect(filter.mayHold("fedcba9876543210")).toBe(false);
 * ```
 */
export class BloomFilter {
  /** The bits, to be stored. */
  readonly bits: Uint8Array;

  /** A filter of stored bits. */
  constructor(bits: Uint8Array) {
    this.bits = bits;
  }

  /** A filter of trace ids (byte strings of 16). */
  static of(traceIds: readonly string[]): BloomFilter {
    const bytes = Math.ceil(traceIds.length * BITS_PER_ENTRY / 8);
    const filter = new BloomFilter(new Uint8Array(Math.max(bytes, MIN_BYTES)));
    for (const id of traceIds) {
      for (const bit of filter.#probes(id)) {
        filter.bits[bit >> 3] = (filter.bits[bit >> 3] ?? 0) | (1 << (bit & 7));
      }
    }
    return filter;
  }

  /** False where the segment certainly does not hold the trace. */
  mayHold(traceId: string): boolean {
    return this.#probes(traceId).every((bit) =>
      ((this.bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0
    );
  }

  #probes(traceId: string): number[] {
    const words = new ByteReader(bytesOf(traceId));
    const first = mix(words.uint32() ^ mix(words.uint32()));
    const second = mix(words.uint32() ^ mix(words.uint32())) | 1;
    const size = this.bits.length * 8;
    return Array.from(
      { length: PROBES },
      (_, probe) => ((first + Math.imul(probe, second)) >>> 0) % size,
    );
  }
}

// The finaliser of MurmurHash3, which spreads every bit over all.
function mix(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
