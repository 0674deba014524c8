import { cutSpansJson } from "./cut_spans_json.ts";
import { cutSpansProtobuf } from "./cut_spans_protobuf.ts";

/**
 * A body without some of its spans, all else byte for byte as it was: for
 * targets that refuse a whole request for one bad span.
 *
 * @param body An `ExportTraceServiceRequest` that `readTracesProtobuf` or
 *   `readTracesJson` has read; it is not changed.
 * @param drop Asked once for each span, in the body's order, by its ordinal
 *   over all spans of the body, from 0. `rejectedIn` makes one of a batch.
 * @throws {WireFault|JsonSyntaxFault|JsonDepthFault|JsonTypeFault} Where the
 *   body cannot be read.
 *
 * @example
 * ```ts
 * import { cutSpans } from "../src/otlp/cut_spans.ts";
 *
 * const text = '{"resourceSpans": [{"scopeSpans": [{"spans": [{}, {"a":1}]}]}]}';
 * const cut = cutSpans(new TextEncoder().encode(text), {
 *   encoding: "json",
 *   drop: (ordinal) => ordinal === 0,
 * });
 * expect(new TextDecoder().decode(cut)).toBe(
 *   '{"resourceSpans": [{"scopeSpans": [{"spans": [ {"a":1}]}]}]}',
 * );
 * ```
 */
export function cutSpans(
  body: Uint8Array,
  options: {
    readonly encoding: "json" | "protobuf";
    readonly drop: (ordinal: number) => boolean;
  },
): Uint8Array<ArrayBuffer> {
  return options.encoding === "json"
    ? cutSpansJson(body, options.drop)
    : cutSpansProtobuf(body, options.drop);
}
