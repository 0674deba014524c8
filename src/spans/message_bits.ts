import type Long from "long";
import protobuf from "protobufjs/minimal.js";

/** A 64-bit integer as protobufjs has it: a number where it is the default. */
type Bits = number | { readonly low: number; readonly high: number };

const HALF_BITS = 32n;

/** A signed 64-bit integer of a message. */
export function int64Of(bits: Bits): bigint {
  return typeof bits === "number"
    ? BigInt(bits)
    : (BigInt(bits.high | 0) << HALF_BITS) | BigInt(bits.low >>> 0);
}

/** An unsigned 64-bit integer of a message; 0 for none. */
export function uint64Of(bits: Bits | null | undefined): bigint {
  return BigInt.asUintN(64, int64Of(bits ?? 0));
}

/**
 * The lower 64 bits of an integer, for a message: a `Long` where protobufjs
 * finds that package, and else an object of two halves, which it writes too.
 */
export function bitsOf(value: bigint): Long {
  const low = Number(BigInt.asUintN(32, value));
  const high = Number(BigInt.asUintN(32, value >> HALF_BITS));
  return new protobuf.util.LongBits(low, high).toLong() as Long;
}
