import { JsonCursor, MAX_JSON_DEPTH } from "./json_cursor.ts";
import {
  JsonDepthFault,
  JsonSyntaxFault,
  JsonTypeFault,
} from "./json_fault.ts";
import { jsonPathTo } from "./json_path.ts";
import { JsonScalar } from "./json_scalar.ts";
import type { ReadOptions, ReadResult } from "./read_result.ts";
import { TracesJsonReader } from "./traces_json_reader.ts";

/**
 * Reads the spans of an OTLP `ExportTraceServiceRequest` in JSON into the same
 * batch that `readTracesProtobuf` makes of the same request in protobuf, in one
 * pass over its bytes: only strings that are wanted are made, and the rest is
 * stepped over, though checked to be JSON of at most `MAX_JSON_DEPTH` levels.
 *
 * Ids are hex of any case. Enums are numbers or names. 64-bit integers are
 * strings or numbers, and keep every digit. `null` is as good as missing, and
 * what is not read (unknown fields, events, attributes that are not wanted) may
 * be anything. Of a key that comes twice the last scalar counts; lists and
 * objects are merged. Where an attribute's value has several of the kinds of
 * value, the first of string, bool, int and double counts. Bytes that are not
 * UTF-8, and halves of surrogate pairs, become U+FFFD; a byte order mark is
 * stepped over. What is rejected or left out is so by the same rules as in
 * protobuf.
 *
 * @param body The request's bytes, decompressed.
 * @returns The batch, or why the body does not parse, with the byte offset
 * where it is not JSON and the JSON path where a field has a wrong type. It
 * never throws.
 *
 * @example Reading the smallest span there is
 * ```ts
 * import { readTracesJson } from "../src/otlp/traces_json.ts";
 *
 * const span = {
 *   traceId: "5B8EFFF798038103D269B633813FC60C",
 *   spanId: "eee19b7ec3c1b174",
 *   endTimeUnixNano: "1700000000123456789",
 * };
 * const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
 * const body = new TextEncoder().encode(JSON.stringify(request));
 *
 * const result = readTracesJson(body);
 * expect(result.ok && result.batch.spans[0]?.startLow).toBe(1032178965);
 *
 * const odd = readTracesJson(new TextEncoder().encode('{"resourceSpans": 7}'));
 * expect(!odd.ok && odd.reason).toBe(
 *   "Cannot read the body: resourceSpans is not an array but 7",
 * );
 * ```
 */
export function readTracesJson(
  body: Uint8Array,
  options: ReadOptions = {},
): ReadResult {
  try {
    return { ok: true, batch: new TracesJsonReader(body, options).read() };
  } catch (fault) {
    return { ok: false, reason: reasonOf(fault, body) };
  }
}

const DECODER = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const MAX_CHARACTER_BYTES = 4;

function reasonOf(fault: unknown, body: Uint8Array): string {
  if (fault instanceof JsonSyntaxFault) {
    return `Cannot parse the body as JSON at byte ${fault.at}: found ` +
      `${foundAt(fault.at, body)}, expected ${fault.message}`;
  }
  if (fault instanceof JsonDepthFault) {
    return `Cannot read the body at byte ${fault.at}: it is more than ` +
      `${MAX_JSON_DEPTH} arrays and objects deep`;
  }
  if (fault instanceof JsonTypeFault) {
    // The reader keeps no track of where it is, for speed.
    const path = jsonPathTo(new JsonCursor(body), fault.at);
    const cursor = new JsonCursor(body);
    cursor.at = fault.at;
    const value = new JsonScalar();
    value.read(cursor);
    return `Cannot read the body: ${path === "" ? "it" : path} is not ` +
      `${fault.message} but ${value.shown()}`;
  }
  throw fault;
}

function foundAt(at: number, body: Uint8Array): string {
  if (at >= body.length) return "its end";
  const text = DECODER.decode(body.subarray(at, at + MAX_CHARACTER_BYTES));
  return JSON.stringify(String.fromCodePoint(text.codePointAt(0) ?? 0));
}
