import { jsonFaultAt } from "./json_fault_at.ts";
import type { ReadOptions, ReadResult } from "./read_result.ts";
import { JsonFault } from "./json_place.ts";
import { TracesJsonReader } from "./traces_json_reader.ts";

/**
 * Reads the spans of an OTLP `ExportTraceServiceRequest` in JSON into the same
 * batch that `readTracesProtobuf` makes of the same request in protobuf.
 *
 * Ids are hex of any case. Enums are numbers or names. 64-bit integers are
 * strings or numbers, and keep every digit. `null` is as good as missing, and
 * what is not read (unknown fields, events, attributes that are not wanted) may
 * be anything. Where an attribute's value has several of the kinds of value,
 * the first of string, bool, int and double counts. Bytes that are not UTF-8,
 * and halves of surrogate pairs, become U+FFFD; a byte order mark is stepped
 * over. What is rejected or left out is so by the same rules as in protobuf.
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
  const text = DECODER.decode(body);
  let request: unknown;
  try {
    request = JSON.parse(withExactIntegers(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, reason: syntaxReason(text, body) };
  }
  try {
    return { ok: true, batch: new TracesJsonReader(options).read(request) };
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    return { ok: false, reason: `Cannot read the body: ${fault.message}` };
  }
}

const DECODER = new TextDecoder();
const BOM_BYTES = 3;

// `JSON.parse` keeps 53 bits of an integer; as strings they keep all. The quote
// before the colon can only be the end of a key: within a string it would have
// a backslash.
const LONG_INTEGERS =
  /((?:UnixNano|intValue)"\s*:\s*)(-?[1-9]\d{15,19})(?=\s*[,}])/g;

function withExactIntegers(text: string): string {
  return text.replaceAll(LONG_INTEGERS, '$1"$2"');
}

function syntaxReason(text: string, body: Uint8Array): string {
  const index = jsonFaultAt(text);
  const found = index < text.length
    ? JSON.stringify(String.fromCodePoint(text.codePointAt(index) ?? 0))
    : "its end";
  const hasBom = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  const byte = new TextEncoder().encode(text.slice(0, index)).length +
    (hasBom ? BOM_BYTES : 0);
  return `Cannot parse the body as JSON at byte ${byte}: found ${found}`;
}
