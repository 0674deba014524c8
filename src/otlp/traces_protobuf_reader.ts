import { AttributeReader } from "./attribute_reader.ts";
import { MessageWalker } from "./message_walker.ts";
import { ProtobufSpanReader } from "./protobuf_span_reader.ts";
import type { ReadOptions } from "./read_result.ts";
import {
  RESOURCE_ATTRIBUTES,
  type ResourceAttributes,
  type SpanBatch,
} from "./span_batch.ts";
import { SpanBatchBuilder } from "./span_batch_builder.ts";
import { TEXTS } from "./text_cache.ts";
import { WantedKeys } from "./wanted_keys.ts";
import { WireCursor } from "./wire_cursor.ts";

const RESOURCE_KEYS = new WantedKeys(RESOURCE_ATTRIBUTES);

// Fields as tags: number times 8 plus wire type.
const REQUEST = { RESOURCE_SPANS: 10 } as const;
const RESOURCE_SPANS = { RESOURCE: 10, SCOPE_SPANS: 18 } as const;
const RESOURCE = { ATTRIBUTES: 10 } as const;
const SCOPE_SPANS = { SCOPE: 10, SPANS: 18 } as const;

// How many messages each stands in.
const DEPTH = { SCOPE: 3, RESOURCE_ATTRIBUTE: 3 } as const;

/** Reads one request of OTLP in protobuf, down to its spans. */
export class TracesProtobufReader {
  readonly #cursor: WireCursor;
  readonly #walker: MessageWalker;
  readonly #attribute: AttributeReader;
  readonly #span: ProtobufSpanReader;
  readonly #batch = new SpanBatchBuilder();

  constructor(body: Uint8Array, options: ReadOptions) {
    const cursor = new WireCursor(body);
    const walker = new MessageWalker(cursor);
    const attribute = new AttributeReader(cursor, walker, TEXTS);
    this.#cursor = cursor;
    this.#walker = walker;
    this.#attribute = attribute;
    this.#span = new ProtobufSpanReader(
      { cursor, walker, attribute, texts: TEXTS, batch: this.#batch },
      options,
    );
  }

  /**
   * The request's spans.
   *
   * @throws {WireFault} Where the body is malformed.
   */
  read(): SpanBatch {
    const cursor = this.#cursor;
    const end = cursor.bytes.length;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      if (tag === REQUEST.RESOURCE_SPANS) {
        this.#readResourceSpans(cursor.payload(end));
      } else cursor.skip(tag, end);
    }
    return this.#batch.finish(cursor.bytes);
  }

  #readResourceSpans(end: number): void {
    const cursor = this.#cursor;
    const resource: ResourceAttributes = {};
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      switch (tag) {
        case RESOURCE_SPANS.RESOURCE:
          this.#readResource(cursor.payload(end), resource);
          break;
        case RESOURCE_SPANS.SCOPE_SPANS:
          this.#readScopeSpans(cursor.payload(end), resource);
          break;
        default:
          cursor.skip(tag, end);
      }
    }
  }

  #readResource(end: number, resource: ResourceAttributes): void {
    const cursor = this.#cursor;
    const attribute = this.#attribute;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      if (tag !== RESOURCE.ATTRIBUTES) {
        cursor.skip(tag, end);
        continue;
      }
      attribute.read(cursor.payload(end), DEPTH.RESOURCE_ATTRIBUTE);
      const field = attribute.field(RESOURCE_KEYS);
      if (field === undefined) continue;
      const value = attribute.value();
      if (value !== null) resource[field] = value;
    }
  }

  #readScopeSpans(end: number, resource: ResourceAttributes): void {
    const cursor = this.#cursor;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      switch (tag) {
        case SCOPE_SPANS.SCOPE:
          this.#walker.walk(
            "InstrumentationScope",
            cursor.payload(end),
            DEPTH.SCOPE,
          );
          break;
        case SCOPE_SPANS.SPANS:
          this.#span.read(cursor.payload(end), resource);
          break;
        default:
          cursor.skip(tag, end);
      }
    }
  }
}
