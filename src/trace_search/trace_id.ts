import { byteStringOfHex } from "../codec/byte_string.ts";
import { TRACE_ID_BYTES } from "../trace/span_facts_codec.ts";

const DIGITS = 2 * TRACE_ID_BYTES;

/**
 * Reads a trace id of hex digits, of either case; leading zeros may be missing,
 * as Tempo leaves them out.
 *
 * @returns A byte string of 16; null where it is no trace id.
 *
 * @example
 * ```ts
 * import { hexOf } from "../src/codec/byte_string.ts";
 * import { readTraceId } from "../src/trace_search/trace_id.ts";
 *
 * const id = readTraceId("AF7651916CD43DD8448EB211C80319C");
 * expect(hexOf(id ?? "")).toBe("0af7651916cd43dd8448eb211c80319c");
 * expect(readTraceId("no id")).toBe(null);
 * ```
 */
export function readTraceId(text: string): string | null {
  if (!/^[0-9a-f]{1,32}$/i.test(text)) return null;
  return byteStringOfHex(text.padStart(DIGITS, "0"));
}
