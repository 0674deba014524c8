import type { Uint64 } from "./decimal.ts";
import { type IdBytes, isHex } from "./id_bytes.ts";
import { JsonAttributeReader } from "./json_attribute_reader.ts";
import type { JsonCursor } from "./json_cursor.ts";
import { JsonScalar } from "./json_scalar.ts";
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
import {
  durationNs,
  spanKindNamed,
  spanKindOf,
  statusCodeNamed,
  statusCodeOf,
} from "./span_numbers.ts";
import {
  keptTraceState,
  MAX_NAME_CHARS,
  MAX_TRACE_STATE_CHARS,
} from "./text_limits.ts";
import { wantedFields, WantedKeys } from "./wanted_keys.ts";

const SPAN_KEYS = new WantedKeys(SPAN_ATTRIBUTES);
const SPAN = wantedFields([
  "traceId",
  "spanId",
  "parentSpanId",
  "traceState",
  "name",
  "kind",
  "startTimeUnixNano",
  "endTimeUnixNano",
  "attributes",
  "links",
  "status",
]);
const LINK = wantedFields(["traceId", "spanId"]);
const STATUS = wantedFields(["code"]);
const KINDS = { number: spanKindOf, name: spanKindNamed };
const CODES = { number: statusCodeOf, name: statusCodeNamed };

/** What a body's readers share. */
export interface JsonReading {
  readonly cursor: JsonCursor;
  readonly ids: IdBytes;
  /** Where the spans go. */
  readonly batch: SpanBatchBuilder;
}

/** Reads one span of a JSON body at a time. */
export class JsonSpanReader {
  readonly #cursor: JsonCursor;
  readonly #ids: IdBytes;
  readonly #batch: SpanBatchBuilder;
  readonly #attribute: JsonAttributeReader;
  readonly #samplingKey: WantedKeys<"sampling"> | null;
  readonly #traceId = new JsonScalar();
  readonly #spanId = new JsonScalar();
  readonly #parentId = new JsonScalar();
  readonly #traceState = new JsonScalar();
  readonly #name = new JsonScalar();
  readonly #kind = new JsonScalar();
  readonly #start = new JsonScalar();
  readonly #end = new JsonScalar();
  readonly #code = new JsonScalar();
  readonly #linkTraceId = new JsonScalar();
  readonly #linkSpanId = new JsonScalar();
  readonly #fields = [
    this.#traceId,
    this.#spanId,
    this.#parentId,
    this.#traceState,
    this.#name,
    this.#kind,
    this.#start,
    this.#end,
    this.#code,
  ];

  constructor(reading: JsonReading, { samplingAttribute = "" }: ReadOptions) {
    this.#cursor = reading.cursor;
    this.#ids = reading.ids;
    this.#batch = reading.batch;
    this.#attribute = new JsonAttributeReader(reading.cursor);
    this.#samplingKey = samplingAttribute === ""
      ? null
      : new WantedKeys({ [samplingAttribute]: "sampling" });
  }

  /** Reads the span that comes next. */
  read(resource: ResourceAttributes): void {
    const cursor = this.#cursor;
    if (this.#batch.isFull()) {
      cursor.skip();
      this.#batch.rejectSurplus();
      return;
    }
    for (const field of this.#fields) field.clear();
    let attributes: SpanAttributes | null = null;
    let links: number[] | null = null;
    for (let more = cursor.enterItem(); more; more = cursor.nextField()) {
      switch (cursor.field(SPAN)) {
        case "traceId":
          this.#traceId.read(cursor);
          break;
        case "spanId":
          this.#spanId.read(cursor);
          break;
        case "parentSpanId":
          this.#parentId.read(cursor);
          break;
        case "traceState":
          this.#traceState.read(cursor);
          break;
        case "name":
          this.#name.read(cursor);
          break;
        case "kind":
          this.#kind.read(cursor);
          break;
        case "startTimeUnixNano":
          this.#start.read(cursor);
          break;
        case "endTimeUnixNano":
          this.#end.read(cursor);
          break;
        case "attributes":
          attributes = this.#readAttributes(attributes);
          break;
        case "links":
          links = this.#readLinks(links);
          break;
        case "status":
          this.#readStatus();
          break;
        case undefined:
          cursor.skip();
      }
    }
    this.#take({ resource, attributes, links });
  }

  #take(
    span: {
      readonly resource: ResourceAttributes;
      readonly attributes: SpanAttributes | null;
      readonly links: readonly number[] | null;
    },
  ): void {
    const name = this.#name.text(MAX_NAME_CHARS);
    const traceState = keptTraceState(
      this.#traceState.text(MAX_TRACE_STATE_CHARS + 2),
    );
    const kind = this.#kind.enumOf(KINDS);
    const status = this.#code.enumOf(CODES);
    const sent = this.#start.uint64();
    const end = this.#end.uint64();
    this.#parentId.mustBeString();
    const traceAt = this.#id(this.#traceId, ID_BYTES.trace_id);
    const spanAt = this.#id(this.#spanId, ID_BYTES.span_id);
    const { resource } = span;
    if (traceAt < 0) {
      const problem = hexProblem("trace_id", this.#traceId);
      this.#batch.reject({ reason: "trace_id", problem, name, resource });
      return;
    }
    if (spanAt < 0) {
      const problem = hexProblem("span_id", this.#spanId);
      this.#batch.reject({ reason: "span_id", problem, name, resource });
      return;
    }
    if (isZero(end)) {
      const problem = NO_END_TIME;
      this.#batch.reject({ reason: "end_time", problem, name, resource });
      return;
    }
    const start = isZero(sent) ? end : sent;
    this.#batch.accept({
      traceAt,
      spanAt,
      parentAt: this.#id(this.#parentId, ID_BYTES.span_id),
      kind,
      status,
      startHigh: start.high,
      startLow: start.low,
      durationNs: durationNs(start, end),
      name,
      traceState,
      ...span,
    });
  }

  #id(hex: JsonScalar, size: number): number {
    hex.mustBeString();
    return this.#ids.add(hex, size);
  }

  #readAttributes(before: SpanAttributes | null): SpanAttributes | null {
    const cursor = this.#cursor;
    const attribute = this.#attribute;
    let kept = before;
    for (let more = cursor.enterArray(); more; more = cursor.nextItem()) {
      attribute.read();
      const field = attribute.field(SPAN_KEYS);
      const sampling = this.#samplingKey !== null &&
        attribute.field(this.#samplingKey) !== undefined;
      if (field === undefined && !sampling) continue;
      const value = attribute.value();
      if (value === null) continue;
      kept ??= {};
      if (field !== undefined) kept[field] = value;
      if (sampling) kept.sampling = value;
    }
    return kept;
  }

  #readLinks(before: number[] | null): number[] | null {
    const cursor = this.#cursor;
    let kept = before;
    for (let more = cursor.enterArray(); more; more = cursor.nextItem()) {
      this.#readLink();
      const traceAt = this.#id(this.#linkTraceId, ID_BYTES.trace_id);
      const spanAt = this.#id(this.#linkSpanId, ID_BYTES.span_id);
      if (traceAt < 0 || spanAt < 0) continue;
      kept ??= [];
      if (kept.length < 2 * MAX_LINKS_PER_SPAN) kept.push(traceAt, spanAt);
      else this.#batch.dropLink();
    }
    return kept;
  }

  #readLink(): void {
    const cursor = this.#cursor;
    this.#linkTraceId.clear();
    this.#linkSpanId.clear();
    for (let more = cursor.enterItem(); more; more = cursor.nextField()) {
      switch (cursor.field(LINK)) {
        case "traceId":
          this.#linkTraceId.read(cursor);
          break;
        case "spanId":
          this.#linkSpanId.read(cursor);
          break;
        case undefined:
          cursor.skip();
      }
    }
  }

  #readStatus(): void {
    const cursor = this.#cursor;
    for (let more = cursor.enterObject(); more; more = cursor.nextField()) {
      if (cursor.field(STATUS) === "code") this.#code.read(cursor);
      else cursor.skip();
    }
  }
}

function isZero({ high, low }: Uint64): boolean {
  return high === 0 && low === 0;
}

function hexProblem(field: keyof typeof ID_BYTES, id: JsonScalar): string {
  return isHex(id)
    ? idProblem(field, (id.to - id.from) / 2)
    : `${field} is not hexadecimal: ${id.shown()}`;
}
