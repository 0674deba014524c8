import type { ByteReader } from "../codec/byte_reader.ts";
import type { ByteWriter } from "../codec/byte_writer.ts";
import type { NodeIdentity } from "../map/node_identity.ts";
import type { SpanKind, StatusCode } from "../map/span_kind.ts";
import type { SpanFacts } from "./span_facts.ts";
import { stringAt, type StringTable } from "./string_table.ts";

/** Bytes of a trace id. */
export const TRACE_ID_BYTES = 16;
/** Bytes of a span id. */
export const SPAN_ID_BYTES = 8;

const START_BYTES = 8;
/** Its duration, the three names of its service, its traits, its operation. */
const VARINTS_AFTER_START = 6;
const KIND_MASK = 7;
const STATUS_SHIFT = 3;
const STATUS_MASK = 3;
const HAS_PARENT = 32;
const HAS_WEIGHT = 64;
const HAS_PEER = 128;

const IS_DATABASE = 1;
const IS_LINKED = 2;
const HAS_SYSTEM = 4;
const HAS_ENDPOINT = 8;

/**
 * Appends a span, all but its trace id, which the caller knows from around.
 *
 * @param strings Where its strings are numbered; written by the caller.
 */
export function writeFacts(
  to: ByteWriter,
  span: SpanFacts,
  strings: StringTable,
): void {
  to.byte(
    span.kind | (span.status << STATUS_SHIFT) |
      (span.parentId === "" ? 0 : HAS_PARENT) |
      (span.weight === 1 ? 0 : HAS_WEIGHT) |
      (span.peer === "" ? 0 : HAS_PEER),
  );
  const hasSystem = span.system !== "" || span.destination !== "";
  to.byte(
    (span.database ? IS_DATABASE : 0) |
      (span.linked ? IS_LINKED : 0) |
      (hasSystem ? HAS_SYSTEM : 0) |
      (span.endpoint === "" ? 0 : HAS_ENDPOINT),
  );
  to.rawString(span.spanId);
  if (span.parentId !== "") to.rawString(span.parentId);
  to.uint32(span.startHigh);
  to.uint32(span.startLow);
  to.varint(span.durationNs);
  to.varint(strings.number(span.service.namespace));
  to.varint(strings.number(span.service.name));
  to.varint(strings.number(span.service.environment));
  to.varint(span.traits);
  to.varint(strings.number(span.operation));
  if (span.weight !== 1) to.number(span.weight);
  if (span.peer !== "") to.varint(strings.number(span.peer));
  if (hasSystem) {
    to.varint(strings.number(span.system));
    to.varint(strings.number(span.destination));
  }
  if (span.endpoint !== "") to.varint(strings.number(span.endpoint));
}

/** Reads spans; one reader serves a whole message, so that services are shared. */
export class FactsReader {
  readonly #from: ByteReader;
  readonly #strings: readonly string[];
  readonly #services: Map<number, NodeIdentity> = new Map();

  constructor(from: ByteReader, strings: readonly string[]) {
    this.#from = from;
    this.#strings = strings;
  }

  /** The span that `writeFacts` appended, of the trace that is given. */
  read(traceId: string): SpanFacts {
    const from = this.#from;
    const first = from.byte();
    const second = from.byte();
    const hasSystem = (second & HAS_SYSTEM) !== 0;
    // Evaluated in this order: it is the order of the bytes.
    return {
      traceId,
      kind: (first & KIND_MASK) as SpanKind,
      status: ((first >> STATUS_SHIFT) & STATUS_MASK) as StatusCode,
      database: (second & IS_DATABASE) !== 0,
      linked: (second & IS_LINKED) !== 0,
      spanId: from.rawString(SPAN_ID_BYTES),
      parentId: (first & HAS_PARENT) === 0 ? "" : from.rawString(SPAN_ID_BYTES),
      startHigh: from.uint32(),
      startLow: from.uint32(),
      durationNs: from.varint(),
      service: this.#service(),
      traits: from.varint(),
      operation: this.#string(),
      weight: (first & HAS_WEIGHT) === 0 ? 1 : from.number(),
      peer: (first & HAS_PEER) === 0 ? "" : this.#string(),
      system: hasSystem ? this.#string() : "",
      destination: hasSystem ? this.#string() : "",
      endpoint: (second & HAS_ENDPOINT) === 0 ? "" : this.#string(),
    };
  }

  /** Steps over the span that `writeFacts` appended. */
  skip(): void {
    const from = this.#from;
    const first = from.byte();
    const second = from.byte();
    from.skip((first & HAS_PARENT) === 0 ? SPAN_ID_BYTES : 2 * SPAN_ID_BYTES);
    from.skip(START_BYTES);
    for (let left = VARINTS_AFTER_START; left > 0; left--) from.varint();
    if ((first & HAS_WEIGHT) !== 0) from.number();
    if ((first & HAS_PEER) !== 0) from.varint();
    if ((second & HAS_SYSTEM) !== 0) {
      from.varint();
      from.varint();
    }
    if ((second & HAS_ENDPOINT) !== 0) from.varint();
  }

  #string(): string {
    return stringAt(this.#strings, this.#from.varint());
  }

  #service(): NodeIdentity {
    const namespace = this.#from.varint();
    const name = this.#from.varint();
    const environment = this.#from.varint();
    const key = (namespace * this.#strings.length + name) *
        this.#strings.length + environment;
    const known = this.#services.get(key);
    if (known !== undefined) return known;
    const service: NodeIdentity = {
      namespace: stringAt(this.#strings, namespace),
      name: stringAt(this.#strings, name),
      environment: stringAt(this.#strings, environment),
    };
    this.#services.set(key, service);
    return service;
  }
}
