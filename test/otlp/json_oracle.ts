import type { RejectionReason } from "../../src/otlp/rejection.ts";
import {
  RESOURCE_ATTRIBUTES,
  SPAN_ATTRIBUTES,
} from "../../src/otlp/span_batch.ts";
import { type JsonNode, jsonTree } from "./json_tree.ts";
import type { PlainBatch, PlainSpan } from "./plain_batch.ts";

const TWO_TO_64 = 2n ** 64n;
const TWO_TO_63 = 2n ** 63n;
const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER"];
const CODES = ["UNSET", "OK", "ERROR"];
const MAX_LINKS = 128;

type Fields = readonly (readonly [key: string, value: JsonNode])[];

/** What the readers' rules make of what `JSON.parse` takes; null: refused. */
export function jsonOracleBatch(
  body: Uint8Array,
  samplingAttribute?: string,
): PlainBatch | null {
  const tree = jsonTree(new TextDecoder().decode(body));
  if (tree === null) return null;
  try {
    return new Oracle(samplingAttribute).read(tree.root);
  } catch (error) {
    if (error instanceof OracleFault) return null;
    throw error;
  }
}

class OracleFault extends Error {}

class Oracle {
  readonly #spanKeys: Readonly<Record<string, string>>;
  readonly #samplingAttribute: string | undefined;
  readonly #spans: PlainSpan[] = [];
  readonly #rejectedSpans: number[] = [];
  readonly #rejections: Partial<Record<RejectionReason, number>> = {};
  #rejection = "";
  #droppedLinks = 0;

  constructor(samplingAttribute: string | undefined) {
    this.#spanKeys = SPAN_ATTRIBUTES;
    this.#samplingAttribute = samplingAttribute;
  }

  read(root: JsonNode): PlainBatch {
    const request = fieldsOf(root);
    for (const item of listOf(request, "resourceSpans")) {
      const resourceSpans = fieldsOf(item);
      const resource = wanted(
        listOf(objectOf(resourceSpans, "resource"), "attributes"),
        RESOURCE_ATTRIBUTES,
      );
      for (const scope of listOf(resourceSpans, "scopeSpans")) {
        for (const span of listOf(fieldsOf(scope), "spans")) {
          this.#span(fieldsOf(span), resource);
        }
      }
    }
    return {
      spans: this.#spans,
      rejected: this.#rejectedSpans.length,
      rejection: this.#rejection,
      rejectedSpans: this.#rejectedSpans,
      rejections: this.#rejections,
      droppedLinks: this.#droppedLinks,
    };
  }

  #span(span: Fields, resource: Record<string, string>): void {
    const traceId = stringOf(span, "traceId");
    const spanId = stringOf(span, "spanId");
    const parentId = stringOf(span, "parentSpanId");
    const traceState = stringOf(span, "traceState");
    const name = cut(stringOf(span, "name"), 256);
    const kind = enumOf(span, "kind", {
      names: [...KINDS, "CONSUMER"].map((kind) => `SPAN_KIND_${kind}`),
    });
    const status = enumOf(objectOf(span, "status"), "code", {
      names: CODES.map((code) => `STATUS_CODE_${code}`),
    });
    const sent = uint64Of(span, "startTimeUnixNano");
    const end = uint64Of(span, "endTimeUnixNano");
    const attributes = this.#attributes(listOf(span, "attributes"));
    const links = this.#links(listOf(span, "links"));
    const problem = idProblem("trace_id", traceId) ??
      idProblem("span_id", spanId) ??
      (end === 0n
        ? ["end_time", "end_time_unix_nano is missing or 0"] as const
        : null);
    if (problem !== null) {
      const [reason, text] = problem;
      const service = resource["serviceName"] === undefined
        ? "a service without a name"
        : `service ${JSON.stringify(resource["serviceName"])}`;
      this.#rejection ||= `span ${JSON.stringify(name)} of ${service}: ${text}`;
      this.#rejections[reason] = (this.#rejections[reason] ?? 0) + 1;
      this.#rejectedSpans.push(this.#spans.length + this.#rejectedSpans.length);
      return;
    }
    const start = sent === 0n ? end : sent;
    this.#spans.push({
      traceId: traceId.toLowerCase(),
      spanId: spanId.toLowerCase(),
      parentId: idProblem("span_id", parentId) === null
        ? parentId.toLowerCase()
        : "",
      kind,
      status,
      start,
      durationNs: Number(end - start),
      name,
      traceState: traceState.length > 1024 ? "" : traceState,
      resource,
      attributes,
      links,
    });
  }

  #attributes(list: readonly JsonNode[]): Record<string, string> | null {
    const values = wanted(list, this.#spanKeys);
    if (this.#samplingAttribute !== undefined) {
      Object.assign(
        values,
        wanted(list, { [this.#samplingAttribute]: "sampling" }),
      );
    }
    return Object.keys(values).length === 0 ? null : values;
  }

  #links(list: readonly JsonNode[]): string[] | null {
    const links = list.flatMap((item) => {
      const link = fieldsOf(item);
      const traceId = stringOf(link, "traceId");
      const spanId = stringOf(link, "spanId");
      const isUsable = idProblem("trace_id", traceId) === null &&
        idProblem("span_id", spanId) === null;
      return isUsable ? [`${traceId}:${spanId}`.toLowerCase()] : [];
    });
    this.#droppedLinks += Math.max(0, links.length - MAX_LINKS);
    return links.length === 0 ? null : links.slice(0, MAX_LINKS);
  }
}

function fieldsOf(node: JsonNode): Fields {
  if (typeof node === "object" && node !== null && "fields" in node) {
    return node.fields;
  }
  throw new OracleFault("not an object");
}

// Of lists and objects all count that come under a key, of scalars the last.
function listOf(fields: Fields, key: string): readonly JsonNode[] {
  return fields.filter(([name, value]) => name === key && value !== null)
    .flatMap(([, value]) => {
      if (!Array.isArray(value)) throw new OracleFault("not an array");
      return value as readonly JsonNode[];
    });
}

function objectOf(fields: Fields, key: string): Fields {
  return fields.filter(([name, value]) => name === key && value !== null)
    .flatMap(([, value]) => fieldsOf(value));
}

function scalarOf(fields: Fields, key: string): JsonNode {
  return fields.findLast(([name]) => name === key)?.[1] ?? null;
}

function stringOf(fields: Fields, key: string): string {
  const value = scalarOf(fields, key) ?? "";
  if (typeof value !== "string") throw new OracleFault("not a string");
  return value.toWellFormed();
}

function numberIn(value: JsonNode): string | null {
  return typeof value === "object" && value !== null && "number" in value
    ? value.number
    : null;
}

function enumOf(
  fields: Fields,
  key: string,
  { names }: { readonly names: readonly string[] },
): number {
  const value = scalarOf(fields, key);
  const number = numberIn(value);
  if (number !== null) {
    return names[Number(number)] === undefined ? 0 : Number(number);
  }
  if (typeof value === "string") return Math.max(0, names.indexOf(value));
  if (value === null) return 0;
  throw new OracleFault("not an enum");
}

// What is written as an integer counts with every digit.
function integerOf(value: JsonNode, strings: RegExp): bigint {
  const number = numberIn(value);
  if (number !== null) {
    if (/^-?\d+$/.test(number)) return BigInt(number);
    const rounded = Number(number);
    if (Number.isInteger(rounded)) return BigInt(rounded);
  } else if (typeof value === "string" && strings.test(value)) {
    return BigInt(value);
  }
  throw new OracleFault("not an integer");
}

function uint64Of(fields: Fields, key: string): bigint {
  const value = scalarOf(fields, key);
  if (value === null) return 0n;
  const integer = integerOf(value, /^\d{1,20}$/);
  if (integer >= 0n && integer < TWO_TO_64) return integer;
  throw new OracleFault("not 64 bits");
}

function wanted(
  list: readonly JsonNode[],
  keys: Readonly<Record<string, string>>,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const item of list) {
    const attribute = fieldsOf(item);
    const key = stringOf(attribute, "key");
    if (!Object.hasOwn(keys, key)) continue;
    const text = textOf(objectOf(attribute, "value"));
    if (text !== null) values[keys[key] ?? ""] = cut(text, 256);
  }
  return values;
}

function textOf(any: Fields): string | null {
  if (scalarOf(any, "stringValue") !== null) {
    return stringOf(any, "stringValue");
  }
  const bool = scalarOf(any, "boolValue");
  if (typeof bool === "boolean") return String(bool);
  if (bool !== null) throw new OracleFault("not a boolean");
  const int = scalarOf(any, "intValue");
  if (int !== null) {
    const integer = integerOf(int, /^-?\d{1,19}$/);
    if (integer >= -TWO_TO_63 && integer < TWO_TO_63) return String(integer);
    throw new OracleFault("not 64 bits");
  }
  const double = scalarOf(any, "doubleValue");
  if (double === null) return null;
  const text = numberIn(double) ?? double;
  const isDouble = typeof text === "string" &&
    /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|NaN|-?Infinity)$/.test(text);
  if (!isDouble) throw new OracleFault("not a double");
  return String(Number(text));
}

function idProblem(
  field: "trace_id" | "span_id",
  text: string,
): readonly ["trace_id" | "span_id", string] | null {
  const size = field === "trace_id" ? 16 : 8;
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) {
    const quoted = JSON.stringify(text);
    const shown = quoted.length > 40 ? `${quoted.slice(0, 40)}…` : quoted;
    return [field, `${field} is not hexadecimal: ${shown}`];
  }
  if (text.length !== 2 * size) {
    return [field, `${field} has ${text.length / 2} bytes, must be ${size}`];
  }
  return /[^0]/.test(text) ? null : [field, `${field} is all zeros`];
}

// Cuts by code points, one at a time.
function cut(text: string, maxChars: number): string {
  let kept = "";
  for (const character of text) {
    if (kept.length + character.length > maxChars) break;
    kept += character;
  }
  return kept;
}
