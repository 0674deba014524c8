import type { ByteReader } from "../codec/byte_reader.ts";
import { SPAN_ID_BYTES } from "../trace/span_facts_codec.ts";

const VARINTS_OF_TIMES_AND_COUNTS = 6;
const VARINTS_OF_ROOT = 4;

/** Which summaries of a page are worth reading. */
export interface ScannedServices {
  /** Numbers of `nodeId`s in the page's table of strings. */
  readonly numbers: ReadonlySet<number>;
  /** Whether spans of them have to have failed. */
  readonly failed: boolean;
}

/**
 * Reads over what `writeSummary` appended, and makes nothing of it: several
 * times as fast as `readSummary`.
 *
 * @param asked null: whichever services.
 * @returns Whether a group is of one of the services, or may be.
 * @throws {RangeError} Where the bytes are none.
 */
export function scanSummary(
  from: ByteReader,
  asked: ScannedServices | null,
): boolean {
  skipVarints(from, VARINTS_OF_TIMES_AND_COUNTS);
  const flags = from.byte();
  let holds = asked === null || (flags & 1) !== 0;
  if ((flags & 2) !== 0) {
    skipVarints(from, VARINTS_OF_ROOT);
    from.raw(SPAN_ID_BYTES);
  }
  for (let groups = from.varint(); groups > 0; groups--) {
    const service = from.varint();
    from.varint();
    from.byte();
    from.varint();
    const errors = from.varint();
    skipVarints(from, 2);
    if (asked === null || !asked.numbers.has(service)) continue;
    if (!asked.failed || errors > 0) holds = true;
  }
  skipVarints(from, from.varint());
  return holds;
}

function skipVarints(from: ByteReader, count: number): void {
  for (let left = count; left > 0; left--) from.varint();
}
