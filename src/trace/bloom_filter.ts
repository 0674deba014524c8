import { ByteReader } from "../codec/byte_reader.ts";
import { bytesOf } from "../codec/byte_string.ts";

const BITS_PER_ENTRY = 20;
// 20 bits an entry and 10 probes: wrong once in about 15,000 look-ups, so that
// asking some hundred filters seldom costs a read in vain.
const PROBES = 10;
const MIN_BYTES = 64;

/** Where the filters look for a trace; made once, asked of every filter. */
export interface TraceHash {
  readonly first: number;
  readonly second: number;
}

/**
 * The two hashes of a trace id. Its bytes are mixed, since not every sender's
 * ids are random throughout.
 *
 * @param traceId A byte string of 16.
 */
export function traceHash(traceId: string): TraceHash {
  const words = new ByteReader(bytesOf(traceId));
  return {
    first: mix(words.uint32() ^ mix(words.uint32())),
    second: mix(words.uint32() ^ mix(words.uint32())) | 1,
  };
}

/**
 * Says of a trace id that a segment does not hold it, or that it may.
 *
 * Source: Kirsch and Mitzenmacher, "Less Hashing, Same Performance" (2006):
 * two hashes make all the probes.
 *
 * @example
 * ```ts
 * import { BloomFilter, traceHash } from "../src/trace/bloom_filter.ts";
 *
 * const filter = BloomFilter.of(["0123456789abcdef"]);
 * expect(filter.mayHold(traceHash("0123456789abcdef"))).toBe(true);
 * expect(filter.mayHold(traceHash("fedcba9876543210"))).toBe(false);
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
      const hash = traceHash(id);
      for (let probe = 0; probe < PROBES; probe++) {
        const bit = filter.#bitOf(hash, probe);
        filter.bits[bit >> 3] = (filter.bits[bit >> 3] ?? 0) | (1 << (bit & 7));
      }
    }
    return filter;
  }

  /** False where the segment certainly does not hold the trace. */
  mayHold(hash: TraceHash): boolean {
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = this.#bitOf(hash, probe);
      if (((this.bits[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  #bitOf({ first, second }: TraceHash, probe: number): number {
    return ((first + Math.imul(probe, second)) >>> 0) % (this.bits.length * 8);
  }
}

// The finaliser of MurmurHash3, which spreads every bit over all.
function mix(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
