import { IdBytes } from "./id_bytes.ts";
import { JsonAttributeReader } from "./json_attribute_reader.ts";
import { JsonCursor } from "./json_cursor.ts";
import { JsonSpanReader } from "./json_span_reader.ts";
import type { ReadOptions } from "./read_result.ts";
import {
  RESOURCE_ATTRIBUTES,
  type ResourceAttributes,
  type SpanBatch,
} from "./span_batch.ts";
import { SpanBatchBuilder } from "./span_batch_builder.ts";
import { wantedFields, WantedKeys } from "./wanted_keys.ts";

const RESOURCE_KEYS = new WantedKeys(RESOURCE_ATTRIBUTES);
const REQUEST = wantedFields(["resourceSpans"]);
const RESOURCE_SPANS = wantedFields(["resource", "scopeSpans"]);
const RESOURCE = wantedFields(["attributes"]);
const SCOPE_SPANS = wantedFields(["spans"]);

/** Reads one request of OTLP in JSON, down to its spans. */
export class TracesJsonReader {
  readonly #cursor: JsonCursor;
  readonly #attribute: JsonAttributeReader;
  readonly #span: JsonSpanReader;
  readonly #ids = new IdBytes();
  readonly #batch = new SpanBatchBuilder();

  constructor(body: Uint8Array, options: ReadOptions) {
    const cursor = new JsonCursor(body);
    this.#cursor = cursor;
    this.#attribute = new JsonAttributeReader(cursor);
    this.#span = new JsonSpanReader(
      { cursor, ids: this.#ids, batch: this.#batch },
      options,
    );
  }

  /**
   * The request's spans.
   *
   * @throws {JsonSyntaxFault} Where the body is not JSON.
   * @throws {JsonDepthFault} Where it is nested too deep.
   * @throws {JsonTypeFault} Where a field is of a wrong type.
   */
  read(): SpanBatch {
    const cursor = this.#cursor;
    for (let more = cursor.enterItem(); more; more = cursor.nextField()) {
      if (cursor.field(REQUEST) === undefined) cursor.skip();
      else this.#readEachResourceSpans();
    }
    cursor.end();
    return this.#batch.finish(this.#ids.finish());
  }

  #readEachResourceSpans(): void {
    const cursor = this.#cursor;
    for (let more = cursor.enterArray(); more; more = cursor.nextItem()) {
      this.#readResourceSpans();
    }
  }

  #readResourceSpans(): void {
    const cursor = this.#cursor;
    const resource: ResourceAttributes = {};
    for (let more = cursor.enterItem(); more; more = cursor.nextField()) {
      switch (cursor.field(RESOURCE_SPANS)) {
        case "resource":
          this.#readResource(resource);
          break;
        case "scopeSpans":
          this.#readEachScopeSpans(resource);
          break;
        case undefined:
          cursor.skip();
      }
    }
  }

  #readResource(resource: ResourceAttributes): void {
    const cursor = this.#cursor;
    for (let more = cursor.enterObject(); more; more = cursor.nextField()) {
      if (cursor.field(RESOURCE) === undefined) cursor.skip();
      else this.#readResourceAttributes(resource);
    }
  }

  #readResourceAttributes(resource: ResourceAttributes): void {
    const cursor = this.#cursor;
    const attribute = this.#attribute;
    for (let more = cursor.enterArray(); more; more = cursor.nextItem()) {
      attribute.read();
      const field = attribute.field(RESOURCE_KEYS);
      if (field === undefined) continue;
      const value = attribute.value();
      if (value !== null) resource[field] = value;
    }
  }

  #readEachScopeSpans(resource: ResourceAttributes): void {
    const cursor = this.#cursor;
    for (let more = cursor.enterArray(); more; more = cursor.nextItem()) {
      for (let field = cursor.enterItem(); field; field = cursor.nextField()) {
        if (cursor.field(SCOPE_SPANS) === undefined) cursor.skip();
        else this.#readSpans(resource);
      }
    }
  }

  #readSpans(resource: ResourceAttributes): void {
    const cursor = this.#cursor;
    for (let more = cursor.enterArray(); more; more = cursor.nextItem()) {
      this.#span.read(resource);
    }
  }
}
