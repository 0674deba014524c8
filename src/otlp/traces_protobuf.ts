import { MessageWalker } from "./message_walker.ts";
import type { ReadOptions, ReadResult } from "./read_result.ts";
import { TracesProtobufReader } from "./traces_protobuf_reader.ts";
import { WireCursor, WireFault } from "./wire_cursor.ts";

/**
 * Reads the spans of an OTLP `ExportTraceServiceRequest` in protobuf, in one
 * pass over its bytes: ids stay where they are, of the attributes only those in
 * `RESOURCE_ATTRIBUTES` and `SPAN_ATTRIBUTES` become strings, and the rest is
 * stepped over, though checked to be well formed.
 *
 * Fields may come in any order; a message that comes twice is merged; of a
 * scalar or an attribute that comes twice the last counts; a field of an
 * unknown number or an unexpected wire type is stepped over. Bytes in a string
 * that are not UTF-8 become U+FFFD. An attribute whose value is an array, a
 * list, bytes or nothing is as good as absent.
 *
 * A span without a usable trace id, span id or end is counted as rejected. A
 * parent id of a wrong length means a root, as an empty one does; a kind or
 * status that is none means unspecified and unset; a link to an unusable id is
 * left out; without a start, the span starts where it ends.
 *
 * @param body The request's bytes, decompressed. The batch keeps them.
 * @returns The batch, or the byte offset and the reason why the body does not
 * parse. It never throws.
 *
 * @example Reading the smallest span there is
 * ```ts
 * import { readTracesProtobuf } from "../src/otlp/traces_protobuf.ts";
 *
 * const id = (size: number) => [size, ...new Array<number>(size).fill(1)];
 * const end = [65, 0, 0, 0, 0, 0, 0, 0, 1];
 * const span = [10, ...id(16), 18, ...id(8), ...end];
 * const scopeSpans = [18, span.length, ...span];
 * const resourceSpans = [18, scopeSpans.length, ...scopeSpans];
 * const body = Uint8Array.of(10, resourceSpans.length, ...resourceSpans);
 *
 * const result = readTracesProtobuf(body);
 * expect(result.ok && result.batch.spans.length).toBe(1);
 *
 * const cut = readTracesProtobuf(body.subarray(0, 9));
 * expect(!cut.ok && cut.reason).toMatch("at byte 0");
 * ```
 */
export function readTracesProtobuf(
  body: Uint8Array,
  options: ReadOptions = {},
): ReadResult {
  try {
    return { ok: true, batch: new TracesProtobufReader(body, options).read() };
  } catch (fault) {
    if (!(fault instanceof WireFault)) throw fault;
    return { ok: false, reason: `Cannot read ${placeOf(fault, body)}` };
  }
}

// The reader keeps no track of where it is, for speed; the walker does.
function placeOf(fault: WireFault, body: Uint8Array): string {
  const walker = new MessageWalker(new WireCursor(body));
  try {
    walker.walk("ExportTraceServiceRequest", body.length, 0);
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    return `${walker.place()}: ${error.message}`;
  }
  return `the body: ${fault.message}`;
}
