import type { AttributeReader } from "./attribute_reader.ts";
import type { MessageWalker } from "./message_walker.ts";
import type { ReadOptions } from "./read_result.ts";
import {
  type ResourceAttributes,
  SPAN_ATTRIBUTES,
  type SpanAttributes,
} from "./span_batch.ts";
import {
  ID_BYTES,
  idProblem,
  MAX_LINKS_PER_SPAN,
  NO_END_TIME,
  type SpanBatchBuilder,
} from "./span_batch_builder.ts";
import { durationNs, spanKindOf, statusCodeOf } from "./span_numbers.ts";
import type { TextCache } from "./text_cache.ts";
import {
  keptTraceState,
  MAX_NAME_CHARS,
  MAX_TRACE_STATE_CHARS,
} from "./text_limits.ts";
import { WantedKeys } from "./wanted_keys.ts";
import type { WireCursor } from "./wire_cursor.ts";

const SPAN_KEYS = new WantedKeys(SPAN_ATTRIBUTES);

// Fields as tags: number times 8 plus wire type.
const SPAN = {
  TRACE_ID: 10,
  SPAN_ID: 18,
  TRACE_STATE: 26,
  PARENT_SPAN_ID: 34,
  NAME: 42,
  KIND: 48,
  START: 57,
  END: 65,
  ATTRIBUTES: 74,
  EVENTS: 90,
  LINKS: 106,
  STATUS: 122,
} as const;
const LINK = { TRACE_ID: 10, SPAN_ID: 18, ATTRIBUTES: 34 } as const;
const STATUS = { CODE: 24 } as const;

// How many messages each stands in.
const DEPTH = { SPAN: 3, ATTRIBUTE: 4, EVENT: 4, LINK_ATTRIBUTE: 5 } as const;

/** What a body's readers share. */
export interface ProtobufReading {
  readonly cursor: WireCursor;
  readonly walker: MessageWalker;
  readonly attribute: AttributeReader;
  readonly texts: TextCache;
  /** Where the spans go. */
  readonly batch: SpanBatchBuilder;
}

/** Reads one span of a protobuf body at a time. */
export class ProtobufSpanReader {
  readonly #cursor: WireCursor;
  readonly #walker: MessageWalker;
  readonly #attribute: AttributeReader;
  readonly #texts: TextCache;
  readonly #batch: SpanBatchBuilder;
  readonly #samplingKey: WantedKeys<"sampling"> | null;

  constructor(reading: ProtobufReading, options: ReadOptions) {
    const { samplingAttribute = "" } = options;
    this.#cursor = reading.cursor;
    this.#walker = reading.walker;
    this.#attribute = reading.attribute;
    this.#texts = reading.texts;
    this.#batch = reading.batch;
    this.#samplingKey = samplingAttribute === ""
      ? null
      : new WantedKeys({ [samplingAttribute]: "sampling" });
  }

  /** Reads the span that ends at `end`. */
  read(end: number, resource: ResourceAttributes): void {
    const cursor = this.#cursor;
    if (this.#batch.isFull()) {
      this.#walker.walk("Span", end, DEPTH.SPAN);
      this.#batch.rejectSurplus();
      return;
    }
    const view = cursor.view;
    let traceAt = 0;
    let traceEnd = 0;
    let spanAt = 0;
    let spanEnd = 0;
    let parentAt = 0;
    let parentEnd = 0;
    let stateAt = 0;
    let stateEnd = 0;
    let nameAt = 0;
    let nameEnd = 0;
    let kind = 0;
    let status = 0;
    let startHigh = 0;
    let startLow = 0;
    let endHigh = 0;
    let endLow = 0;
    let attributes: SpanAttributes | null = null;
    let links: number[] | null = null;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      switch (tag) {
        case SPAN.TRACE_ID:
          traceEnd = cursor.payload(end);
          traceAt = cursor.at;
          cursor.at = traceEnd;
          break;
        case SPAN.SPAN_ID:
          spanEnd = cursor.payload(end);
          spanAt = cursor.at;
          cursor.at = spanEnd;
          break;
        case SPAN.TRACE_STATE:
          stateEnd = cursor.payload(end);
          stateAt = cursor.at;
          cursor.at = stateEnd;
          break;
        case SPAN.PARENT_SPAN_ID:
          parentEnd = cursor.payload(end);
          parentAt = cursor.at;
          cursor.at = parentEnd;
          break;
        case SPAN.NAME:
          nameEnd = cursor.payload(end);
          nameAt = cursor.at;
          cursor.at = nameEnd;
          break;
        case SPAN.KIND:
          kind = cursor.int32(end);
          break;
        case SPAN.START: {
          const at = cursor.fixed(8, end);
          startLow = view.getUint32(at, true);
          startHigh = view.getUint32(at + 4, true);
          break;
        }
        case SPAN.END: {
          const at = cursor.fixed(8, end);
          endLow = view.getUint32(at, true);
          endHigh = view.getUint32(at + 4, true);
          break;
        }
        case SPAN.ATTRIBUTES:
          attributes = this.#readSpanAttribute(cursor.payload(end), attributes);
          break;
        case SPAN.EVENTS:
          this.#walker.walk("Event", cursor.payload(end), DEPTH.EVENT);
          break;
        case SPAN.LINKS:
          links = this.#readLink(cursor.payload(end), links);
          break;
        case SPAN.STATUS:
          status = this.#readStatus(cursor.payload(end), status);
          break;
        default:
          cursor.skip(tag, end);
      }
    }
    const name = this.#text(nameAt, nameEnd, MAX_NAME_CHARS);
    if (!isId(view, traceAt, traceEnd, ID_BYTES.trace_id)) {
      const problem = idProblem("trace_id", traceEnd - traceAt);
      this.#batch.reject({ reason: "trace_id", problem, name, resource });
      return;
    }
    if (!isId(view, spanAt, spanEnd, ID_BYTES.span_id)) {
      const problem = idProblem("span_id", spanEnd - spanAt);
      this.#batch.reject({ reason: "span_id", problem, name, resource });
      return;
    }
    if (endHigh === 0 && endLow === 0) {
      const problem = NO_END_TIME;
      this.#batch.reject({ reason: "end_time", problem, name, resource });
      return;
    }
    if (startHigh === 0 && startLow === 0) {
      startHigh = endHigh;
      startLow = endLow;
    }
    this.#batch.accept({
      traceAt,
      spanAt,
      parentAt: isId(view, parentAt, parentEnd, ID_BYTES.span_id)
        ? parentAt
        : -1,
      kind: spanKindOf(kind),
      status: statusCodeOf(status),
      startHigh,
      startLow,
      durationNs: durationNs(
        { high: startHigh, low: startLow },
        { high: endHigh, low: endLow },
      ),
      name,
      traceState: stateAt === stateEnd ? "" : keptTraceState(
        this.#text(stateAt, stateEnd, MAX_TRACE_STATE_CHARS + 2),
      ),
      resource,
      attributes,
      links,
    });
  }

  #readSpanAttribute(
    end: number,
    attributes: SpanAttributes | null,
  ): SpanAttributes | null {
    const attribute = this.#attribute;
    attribute.read(end, DEPTH.ATTRIBUTE);
    const field = attribute.field(SPAN_KEYS);
    const sampling = this.#samplingKey !== null &&
      attribute.field(this.#samplingKey) !== undefined;
    if (field === undefined && !sampling) return attributes;
    const value = attribute.value();
    if (value === null) return attributes;
    const kept: SpanAttributes = attributes ?? {};
    if (field !== undefined) kept[field] = value;
    if (sampling) kept.sampling = value;
    return kept;
  }

  #readLink(end: number, links: number[] | null): number[] | null {
    const cursor = this.#cursor;
    let traceAt = 0;
    let traceEnd = 0;
    let spanAt = 0;
    let spanEnd = 0;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      switch (tag) {
        case LINK.TRACE_ID:
          traceEnd = cursor.payload(end);
          traceAt = cursor.at;
          cursor.at = traceEnd;
          break;
        case LINK.SPAN_ID:
          spanEnd = cursor.payload(end);
          spanAt = cursor.at;
          cursor.at = spanEnd;
          break;
        case LINK.ATTRIBUTES:
          this.#walker.walk(
            "KeyValue",
            cursor.payload(end),
            DEPTH.LINK_ATTRIBUTE,
          );
          break;
        default:
          cursor.skip(tag, end);
      }
    }
    const usable = isId(cursor.view, traceAt, traceEnd, ID_BYTES.trace_id) &&
      isId(cursor.view, spanAt, spanEnd, ID_BYTES.span_id);
    if (!usable) return links;
    if (links === null) return [traceAt, spanAt];
    if (links.length < 2 * MAX_LINKS_PER_SPAN) links.push(traceAt, spanAt);
    else this.#batch.dropLink();
    return links;
  }

  #readStatus(end: number, before: number): number {
    const cursor = this.#cursor;
    let code = before;
    while (cursor.at < end) {
      const tag = cursor.tag(end);
      if (tag === STATUS.CODE) code = cursor.int32(end);
      else cursor.skip(tag, end);
    }
    return code;
  }

  #text(at: number, end: number, maxChars: number): string {
    return this.#texts.read(this.#cursor.view, at, end - at, maxChars);
  }
}

function isId(view: DataView, at: number, end: number, size: number): boolean {
  if (end - at !== size) return false;
  for (let i = at; i < end; i += 4) {
    if (view.getUint32(i) !== 0) return true;
  }
  return false;
}
