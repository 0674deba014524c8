import { doubleTextOf, int64TextOf, type Uint64, uint64Of } from "./decimal.ts";
import { IdBytes } from "./id_bytes.ts";
import {
  isObject,
  JsonFault,
  type JsonObject,
  JsonPlace,
  shown,
} from "./json_place.ts";
import type { ReadOptions } from "./read_result.ts";
import {
  RESOURCE_ATTRIBUTES,
  type ResourceAttributes,
  SPAN_ATTRIBUTES,
  type SpanAttributes,
  type SpanBatch,
} from "./span_batch.ts";
import {
  ID_BYTES,
  idProblem,
  MAX_LINKS_PER_SPAN,
  NO_END_TIME,
  SpanBatchBuilder,
} from "./span_batch_builder.ts";
import {
  durationNs,
  spanKindNamed,
  spanKindOf,
  statusCodeNamed,
  statusCodeOf,
} from "./span_numbers.ts";
import {
  cutText,
  keptTraceState,
  MAX_NAME_CHARS,
  MAX_VALUE_CHARS,
} from "./text_limits.ts";
import type { SpanKind, StatusCode } from "../map/span_kind.ts";

const RESOURCE_FIELDS = new Map(Object.entries(RESOURCE_ATTRIBUTES));
const SPAN_FIELDS = new Map(Object.entries(SPAN_ATTRIBUTES));

/** Reads one request of parsed OTLP/JSON. */
export class TracesJsonReader {
  readonly #place = new JsonPlace();
  readonly #ids = new IdBytes();
  readonly #batch = new SpanBatchBuilder();
  readonly #samplingKey: string | null;

  constructor({ samplingAttribute = "" }: ReadOptions) {
    this.#samplingKey = samplingAttribute === "" ? null : samplingAttribute;
  }

  /**
   * The request's spans.
   *
   * @throws {JsonFault} With the path to a field of a wrong type.
   */
  read(request: unknown): SpanBatch {
    if (!isObject(request)) {
      throw new JsonFault(`it is not an object but ${shown(request)}`);
    }
    this.#place.each(
      "resourceSpans",
      request["resourceSpans"],
      (item) => this.#readResourceSpans(item),
    );
    return this.#batch.finish(this.#ids.finish());
  }

  #readResourceSpans({ resource, scopeSpans }: JsonObject): void {
    const values: ResourceAttributes = {};
    this.#place.object("resource", resource, ({ attributes }) => {
      this.#place.each("attributes", attributes, ({ key, value }) => {
        const field = RESOURCE_FIELDS.get(this.#place.string("key", key));
        if (field === undefined) return;
        const text = this.#valueText(value);
        if (text !== null) values[field] = text;
      });
    });
    this.#place.each("scopeSpans", scopeSpans, ({ spans }) => {
      this.#place.each("spans", spans, (span) => this.#readSpan(span, values));
    });
  }

  #readSpan(span: JsonObject, resource: ResourceAttributes): void {
    const place = this.#place;
    const traceId = place.string("traceId", span["traceId"]);
    const spanId = place.string("spanId", span["spanId"]);
    const parentId = place.string("parentSpanId", span["parentSpanId"]);
    const traceState = place.string("traceState", span["traceState"]);
    const name = keptText(place.string("name", span["name"]), MAX_NAME_CHARS);
    const kind = this.#kind(span["kind"]);
    const sent = this.#time("startTimeUnixNano", span["startTimeUnixNano"]);
    const end = this.#time("endTimeUnixNano", span["endTimeUnixNano"]);
    const attributes = this.#readSpanAttributes(span["attributes"]);
    const links = this.#readLinks(span["links"]);
    const status = place.object(
      "status",
      span["status"],
      ({ code }) => this.#statusCode(code),
    );

    const traceAt = this.#ids.add(traceId, ID_BYTES.trace_id);
    if (traceAt < 0) {
      this.#batch.reject(hexProblem("trace_id", traceId), name, resource);
      return;
    }
    const spanAt = this.#ids.add(spanId, ID_BYTES.span_id);
    if (spanAt < 0) {
      this.#batch.reject(hexProblem("span_id", spanId), name, resource);
      return;
    }
    if (isZero(end)) {
      this.#batch.reject(NO_END_TIME, name, resource);
      return;
    }
    const start = isZero(sent) ? end : sent;
    this.#batch.accept({
      traceAt,
      spanAt,
      parentAt: this.#ids.add(parentId, ID_BYTES.span_id),
      kind,
      status: status ?? statusCodeOf(0),
      startHigh: start.high,
      startLow: start.low,
      durationNs: durationNs(start, end),
      name,
      traceState: keptTraceState(traceState.toWellFormed()),
      resource,
      attributes,
      links,
    });
  }

  #readSpanAttributes(attributes: unknown): SpanAttributes | null {
    let kept: SpanAttributes | null = null;
    this.#place.each("attributes", attributes, (attribute) => {
      const key = this.#place.string("key", attribute["key"]);
      const field = SPAN_FIELDS.get(key);
      const isSampling = key === this.#samplingKey;
      if (field === undefined && !isSampling) return;
      const text = this.#valueText(attribute["value"]);
      if (text === null) return;
      kept ??= {};
      if (field !== undefined) kept[field] = text;
      if (isSampling) kept.sampling = text;
    });
    return kept;
  }

  #readLinks(links: unknown): number[] | null {
    const kept: number[] = [];
    this.#place.each("links", links, (link) => {
      const traceId = this.#place.string("traceId", link["traceId"]);
      const spanId = this.#place.string("spanId", link["spanId"]);
      if (kept.length >= 2 * MAX_LINKS_PER_SPAN) return;
      const traceAt = this.#ids.add(traceId, ID_BYTES.trace_id);
      const spanAt = this.#ids.add(spanId, ID_BYTES.span_id);
      if (traceAt >= 0 && spanAt >= 0) kept.push(traceAt, spanAt);
    });
    return kept.length === 0 ? null : kept;
  }

  // An attribute's value; null for none, an array, a list, or bytes.
  #valueText(value: unknown): string | null {
    const place = this.#place;
    return place.object("value", value, (any) => {
      const { stringValue, boolValue, intValue, doubleValue } = any;
      if (isThere(stringValue)) {
        return keptText(
          place.string("stringValue", stringValue),
          MAX_VALUE_CHARS,
        );
      }
      if (isThere(boolValue)) {
        if (typeof boolValue === "boolean") return String(boolValue);
        throw place.fault("boolValue", "a boolean", boolValue);
      }
      if (isThere(intValue)) {
        const text = int64TextOf(intValue);
        if (text !== null) return text;
        throw place.fault("intValue", "a 64-bit integer", intValue);
      }
      if (isThere(doubleValue)) {
        const text = doubleTextOf(doubleValue);
        if (text !== null) return text;
        throw place.fault("doubleValue", "a number", doubleValue);
      }
      return null;
    });
  }

  #time(key: string, value: unknown): Uint64 {
    if (!isThere(value)) return NO_TIME;
    const time = uint64Of(value);
    if (time !== null) return time;
    throw this.#place.fault(key, "an unsigned 64-bit integer", value);
  }

  #kind(value: unknown): SpanKind {
    if (!isThere(value)) return spanKindOf(0);
    if (typeof value === "number") return spanKindOf(value);
    if (typeof value === "string") return spanKindNamed(value);
    throw this.#place.fault("kind", "a number or a name", value);
  }

  #statusCode(value: unknown): StatusCode {
    if (!isThere(value)) return statusCodeOf(0);
    if (typeof value === "number") return statusCodeOf(value);
    if (typeof value === "string") return statusCodeNamed(value);
    throw this.#place.fault("code", "a number or a name", value);
  }
}

const NO_TIME: Uint64 = { high: 0, low: 0 };
const HEX = /^(?:[0-9a-fA-F]{2})*$/;

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isZero({ high, low }: Uint64): boolean {
  return high === 0 && low === 0;
}

function keptText(text: string, maxChars: number): string {
  return cutText(text.toWellFormed(), maxChars);
}

function hexProblem(field: keyof typeof ID_BYTES, text: string): string {
  return HEX.test(text)
    ? idProblem(field, text.length / 2)
    : `${field} is not hexadecimal: ${shown(text)}`;
}
