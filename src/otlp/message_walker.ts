import { type WireCursor, WireFault, WireType } from "./wire_cursor.ts";

/** How deep messages may stand in each other; the request itself is at 0. */
export const MAX_MESSAGE_DEPTH = 100;

/** Fields of the trace schema that are messages; all others are scalars. */
const MESSAGE_FIELDS = {
  ExportTraceServiceRequest: { 1: "ResourceSpans" },
  ResourceSpans: { 1: "Resource", 2: "ScopeSpans" },
  Resource: { 1: "KeyValue" },
  ScopeSpans: { 1: "InstrumentationScope", 2: "Span" },
  InstrumentationScope: { 3: "KeyValue" },
  Span: { 9: "KeyValue", 11: "Event", 13: "Link", 15: "Status" },
  Event: { 3: "KeyValue" },
  Link: { 4: "KeyValue" },
  Status: {},
  KeyValue: { 2: "AnyValue" },
  AnyValue: { 5: "ArrayValue", 6: "KeyValueList" },
  ArrayValue: { 1: "AnyValue" },
  KeyValueList: { 1: "KeyValue" },
} as const;

/** A message of the trace schema. */
export type MessageName = keyof typeof MESSAGE_FIELDS;

/**
 * Steps over messages of which nothing is needed, and checks on the way that
 * they are well formed, messages within them included. Remembers the last field
 * it looked at, for the reason of a fault.
 */
export class MessageWalker {
  readonly #cursor: WireCursor;
  #message: MessageName = "ExportTraceServiceRequest";
  #field = 0;
  #fieldAt = 0;

  constructor(cursor: WireCursor) {
    this.#cursor = cursor;
  }

  /**
   * Steps to `end`, where the message `name` ends.
   *
   * @param depth How many messages it stands in.
   * @throws {WireFault} Where it is malformed or nested too deep.
   */
  walk(name: MessageName, end: number, depth: number): void {
    if (depth > MAX_MESSAGE_DEPTH) {
      throw new WireFault(`it is more than ${MAX_MESSAGE_DEPTH} messages deep`);
    }
    const cursor = this.#cursor;
    const messages: Readonly<Record<number, MessageName>> =
      MESSAGE_FIELDS[name];
    while (cursor.at < end) {
      this.#message = name;
      this.#field = 0;
      this.#fieldAt = cursor.at;
      const tag = cursor.tag(end);
      this.#field = tag >>> 3;
      const message = (tag & 7) === WireType.BYTES
        ? messages[tag >>> 3]
        : undefined;
      if (message === undefined) cursor.skip(tag, end);
      else this.walk(message, cursor.payload(end), depth + 1);
    }
  }

  /** The field that was looked at last: `field 5 of Span at byte 120`. */
  place(): string {
    const field = this.#field === 0 ? "a field" : `field ${this.#field}`;
    return `${field} of ${this.#message} at byte ${this.#fieldAt}`;
  }
}
