import { gzipSync } from "node:zlib";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  MAX_LINKS_PER_SPAN,
  MAX_SPANS_PER_REQUEST,
} from "../../src/otlp/span_batch_builder.ts";
import {
  DEFAULT_MAX_BODY_BYTES,
  DEFAULT_MAX_INFLATED_BYTES,
} from "../../src/settings.ts";
import { exportJson, exportProtobuf } from "../ingest/export_request.ts";
import { bytesField, concat, fixed64Field, varintField } from "../otlp/wire.ts";

/** A request to `/v1/traces`. */
export interface LargeRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

const JSON_TYPE = { "content-type": "application/json" };
const PROTOBUF = { "content-type": "application/x-protobuf" };

const BOMB_BYTES = 200 * 1024 * 1024;
const CONSUMER = 5;
const START_NS = 1_800_000_000_000_000_000n;
/** Of each name: makes the body as received take its share too. */
const RANDOM_BYTES = 30;
/** Spans of a part of a long body: encoding all of them would take seconds. */
const PART_SPANS = 1000;

/**
 * As many spans as are read, each with a name of its own that takes two bytes
 * a character in memory, in JSON that inflates to what is taken.
 */
export function namesInJson(): LargeRequest {
  const random = new SeededRandom(1);
  const spanBytes = DEFAULT_MAX_INFLATED_BYTES / MAX_SPANS_PER_REQUEST;
  // A byte less makes room for what stands around the spans.
  const nameEnd = Math.floor(spanBytes) - bytesOf('€"},').length - 1;
  const rows: string[] = [];
  for (let index = 1; index <= MAX_SPANS_PER_REQUEST; index++) {
    const traceId = index.toString(16).padStart(32, "0");
    const row = `{"traceId":"${traceId}","spanId":"${traceId.slice(16)}",` +
      `"endTimeUnixNano":"${START_NS}","name":"${random.hex(RANDOM_BYTES)}`;
    // One character that is not of Latin-1 makes all of them take two bytes.
    rows.push(`${row.padEnd(nameEnd, "x")}€"}`);
  }
  const spans = rows.join(",");
  return gzipped(
    JSON_TYPE,
    bytesOf(`{"resourceSpans":[{"scopeSpans":[{"spans":[${spans}]}]}]}`),
  );
}

/**
 * More spans than are read, so that the rest is cut out, in JSON that inflates
 * to what is taken.
 */
export function surplusInJson(): LargeRequest {
  const first = bytesOf(exportJson(1)).length;
  const more = bytesOf(exportJson(1 + PART_SPANS)).length - first;
  const room = DEFAULT_MAX_INFLATED_BYTES - first;
  const spans = Math.floor(room / more * PART_SPANS);
  return gzipped(JSON_TYPE, bytesOf(exportJson(spans)));
}

/** The same in protobuf. */
export function surplusInProtobuf(): LargeRequest {
  const part = exportProtobuf(PART_SPANS);
  return gzipped(PROTOBUF, repeated(part, DEFAULT_MAX_INFLATED_BYTES));
}

/**
 * Spans of as many links as are read, in protobuf that inflates to what is
 * taken: nothing else makes more of its bytes.
 */
export function linksInProtobuf(): LargeRequest {
  const links = Array.from(
    { length: MAX_LINKS_PER_SPAN },
    (_, index) => bytesField(13, idFields(index + 2)),
  );
  const span = bytesField(2, [
    ...idFields(1),
    varintField(6, CONSUMER),
    fixed64Field(8, START_NS),
    ...links,
  ]);
  const part = bytesField(1, [bytesField(2, [span])]);
  return gzipped(PROTOBUF, repeated(part, DEFAULT_MAX_INFLATED_BYTES));
}

/** Protobuf of as many bytes as may be received. */
export function plainProtobuf(): LargeRequest {
  const part = exportProtobuf(PART_SPANS);
  return { headers: PROTOBUF, body: repeated(part, DEFAULT_MAX_BODY_BYTES) };
}

/** Inflates to far more than is taken. */
export function bomb(): LargeRequest {
  return gzipped(JSON_TYPE, new Uint8Array(BOMB_BYTES));
}

/** One span. */
export function smallJson(): LargeRequest {
  return { headers: JSON_TYPE, body: bytesOf(exportJson(1)) };
}

/** Messages of protobuf one after another are one message. */
function repeated(part: Uint8Array, limit: number): Uint8Array<ArrayBuffer> {
  const parts = Math.floor(limit / part.length);
  return new Uint8Array(concat(Array.from({ length: parts }, () => part)));
}

/** A trace id and a span id, as spans and links have them. */
function idFields(value: number): Uint8Array[] {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(12, value);
  return [bytesField(1, bytes), bytesField(2, bytes.subarray(8))];
}

function gzipped(
  headers: LargeRequest["headers"],
  bytes: Uint8Array,
): LargeRequest {
  return {
    headers: { ...headers, "content-encoding": "gzip" },
    body: new Uint8Array(gzipSync(bytes)),
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
