import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import {
  type BlockSpan,
  readSpanBlock,
  type SpanBlock,
} from "../trace_store/span_block.ts";
import type { LinkHalf, SpanFacts } from "./span_facts.ts";
import {
  FactsReader,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
  writeFacts,
} from "./span_facts_codec.ts";
import { readStrings, StringTable } from "./string_table.ts";

const VERSION = 1;
const WITH_BLOCK = 2;
const SPAN = 0;
const SPAN_OF_SAME_TRACE = 1;
const LINK_HALF = 2;

/** What the Worker sends to one trace shard. */
export interface TraceMessage {
  readonly spans: readonly SpanFacts[];
  readonly links: readonly LinkHalf[];
}

/**
 * A message with what it says. Decoded it takes about six times the memory:
 * nothing that waits holds one, but its bytes.
 */
export interface ReadMessage {
  /** All of it, as it came. */
  readonly bytes: Uint8Array;
  /** The part that `TraceMessageWriter` made. */
  readonly facts: Uint8Array;
  readonly message: TraceMessage;
  /** The spans as they were sent; null where it does not bring them. */
  readonly block: SpanBlock | null;
}

/**
 * Builds the message to one trace shard, span by span.
 *
 * @example
 * ```ts
 * import { decodeTraceMessage, TraceMessageWriter } from "../src/trace/trace_message.ts";
 *
 * const span = {
 *   traceId: "0123456789abcdef", spanId: "01234567", parentId: "",
 *   kind: 2, status: 0, startHigh: 1, startLow: 2, durationNs: 3,
 *   service: { namespace: "", name: "cart", environment: "" }, traits: 0,
 *   operation: "GET /cart", weight: 1, peer: "", database: false,
 *   system: "", destination: "", endpoint: "", linked: false,
 * } as const;
 * const writer = new TraceMessageWriter();
 * writer.span(span);
 * expect(decodeTraceMessage(writer.finish()).spans).toEqual([span]);
 * ```
 */
export class TraceMessageWriter {
  readonly #strings = new StringTable();
  readonly #body = new ByteWriter();
  #traceId = "";

  /** At most how many bytes the message has so far. */
  get length(): number {
    return this.#body.length + this.#strings.maxBytes;
  }

  /** Adds a span of a trace that the shard owns. */
  span(span: SpanFacts): void {
    if (span.traceId === this.#traceId) {
      this.#body.byte(SPAN_OF_SAME_TRACE);
    } else {
      this.#body.byte(SPAN);
      this.#body.rawString(span.traceId);
      this.#traceId = span.traceId;
    }
    writeFacts(this.#body, span, this.#strings);
  }

  /** Adds a consumer that links to a trace that the shard owns. */
  link(half: LinkHalf): void {
    this.#body.byte(LINK_HALF);
    this.#body.rawString(half.target.traceId);
    this.#body.rawString(half.target.spanId);
    this.#body.rawString(half.consumer.traceId);
    writeFacts(this.#body, half.consumer, this.#strings);
  }

  /** The message. */
  finish(): Uint8Array {
    const message = new ByteWriter();
    message.varint(VERSION);
    this.#strings.write(message);
    message.raw(this.#body.finish());
    return message.finish();
  }
}

/**
 * Reads a message.
 *
 * @throws {RangeError} Where the bytes are of another version or cut short.
 */
export function decodeTraceMessage(bytes: Uint8Array): TraceMessage {
  const from = new ByteReader(bytes);
  const version = from.varint();
  if (version !== VERSION) {
    throw new RangeError(`Cannot read a message of version "${version}"`);
  }
  const facts = new FactsReader(from, readStrings(from));
  const spans: SpanFacts[] = [];
  const links: LinkHalf[] = [];
  let traceId = "";
  while (!from.done) {
    const entry = from.byte();
    if (entry === LINK_HALF) {
      const target = {
        traceId: from.rawString(TRACE_ID_BYTES),
        spanId: from.rawString(SPAN_ID_BYTES),
      };
      const consumer = facts.read(from.rawString(TRACE_ID_BYTES));
      links.push({ target, consumer });
      continue;
    }
    if (entry === SPAN) traceId = from.rawString(TRACE_ID_BYTES);
    spans.push(facts.read(traceId));
  }
  return { spans, links };
}

/** The spans of some traces; null in place of those of others. */
function factsOf(
  bytes: Uint8Array,
  traceIds: ReadonlySet<string>,
): readonly (SpanFacts | null)[] {
  const from = new ByteReader(bytes);
  from.varint();
  const facts = new FactsReader(from, readStrings(from));
  const spans: (SpanFacts | null)[] = [];
  let traceId = "";
  while (!from.done) {
    const entry = from.byte();
    if (entry === LINK_HALF) {
      from.skip(2 * TRACE_ID_BYTES + SPAN_ID_BYTES);
      facts.skip();
      continue;
    }
    if (entry === SPAN) traceId = from.rawString(TRACE_ID_BYTES);
    if (traceIds.has(traceId)) spans.push(facts.read(traceId));
    else {
      facts.skip();
      spans.push(null);
    }
  }
  return spans;
}

/** A span of a message, as it was sent. */
export interface SentSpan {
  readonly facts: SpanFacts;
  readonly encoding: SpanBlock["encoding"];
  readonly span: BlockSpan;
}

/**
 * The spans of some traces that a message brings, in its order: several times
 * as fast as to read all of it.
 *
 * @param bytes What `withBlock` made.
 */
export function readSpansOf(
  bytes: Uint8Array,
  traceIds: ReadonlySet<string>,
): readonly SentSpan[] {
  if (bytes[0] !== WITH_BLOCK) return [];
  const from = new ByteReader(bytes.subarray(1));
  const facts = factsOf(from.bytes(), traceIds);
  if (facts.every((one) => one === null)) return [];
  const { encoding, spans } = readSpanBlock(
    from.rest(),
    (at) => (facts[at] ?? null) !== null,
  );
  return facts.flatMap((one, at) => {
    const span = spans[at] ?? null;
    return one === null || span === null
      ? []
      : [{ facts: one, encoding, span }];
  });
}

/**
 * A message that brings the spans as they were sent, to be kept.
 *
 * @param facts What `TraceMessageWriter` made.
 * @param block What `SpanBlockWriter` made of the same spans.
 */
export function withBlock(
  facts: Uint8Array,
  block: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const message = new ByteWriter();
  message.varint(WITH_BLOCK);
  message.bytes(facts);
  message.raw(block);
  return message.finish();
}

/**
 * Reads a message, with or without a block.
 *
 * @throws {RangeError} As `decodeTraceMessage` does.
 */
export function readMessage(bytes: Uint8Array): ReadMessage {
  if (bytes[0] !== WITH_BLOCK) {
    const message = decodeTraceMessage(bytes);
    return { bytes, facts: bytes, message, block: null };
  }
  const from = new ByteReader(bytes.subarray(1));
  const facts = from.bytes();
  const message = decodeTraceMessage(facts);
  const block = readSpanBlock(from.rest());
  if (block.spans.length !== message.spans.length) {
    throw new RangeError(
      `Cannot read a message: it tells of ${message.spans.length} spans and ` +
        `brings ${block.spans.length}`,
    );
  }
  return { bytes, facts, message, block };
}
