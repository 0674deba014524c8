import { Buffer } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import type { Span } from "../../src/spans/span.ts";
import { traceAnswer } from "../../src/trace_view/trace_answer.ts";
import {
  bigintAt,
  messageAt,
  messagesAt,
  numberAt,
  type PlainMessage,
  type PlainSpan,
  sentSpans,
  textAt,
} from "./plain_message.ts";

const KINDS = [
  "unspecified",
  "internal",
  "server",
  "client",
  "producer",
  "consumer",
];
const STATUSES = ["unset", "ok", "error"];
const NS_PER_S = 1_000_000_000n;
/** What a trace says of its spans; whatever else there is was sent. */
const DERIVED = [
  "self_time_ns",
  "on_critical_path",
  "skew_adjustment_ns",
  "resources",
];

type Json = ReturnType<typeof JSON.parse>;

/**
 * How AirDig's answer differs from the spans that were sent.
 *
 * @param expected Of one trace, no two of one id and kind.
 */
export function airdigDifferences(
  body: Uint8Array,
  expected: readonly Span[],
): readonly string[] {
  const answer: Json = JSON.parse(new TextDecoder().decode(body));
  const differences: string[] = [];
  function compare(what: string, answered: unknown, sent: unknown): void {
    // JSON knows no -0.
    const asJson: unknown = JSON.parse(JSON.stringify(sent));
    if (isDeepStrictEqual(answered, asJson)) return;
    differences.push(
      `${what} is ${JSON.stringify(answered)}, not ${JSON.stringify(sent)}`,
    );
  }
  const sent = sentSpans(expected).toSorted(byStart).map(answeredSpan);
  compare("The number of spans", answer.spans.length, sent.length);
  for (const [at, span] of sent.entries()) {
    const answered = Object.fromEntries(
      Object.entries(answer.spans[at] ?? {})
        .filter(([field]) => !DERIVED.includes(field)),
    );
    compare(`Span ${at}`, answered, span);
  }
  const { spans: derived = [], ...whole } = traceAnswer(expected) ?? {};
  const { spans: _, drift_events: __, ...answeredWhole } = answer;
  compare("The trace", answeredWhole, whole);
  for (const [at, span] of derived.entries()) {
    const { resources: ___, ...answered } = answer.spans[at] ?? {};
    compare(`Span ${at} in its trace`, answered, span);
  }
  return differences;
}

/**
 * Which of some spans AirDig's answer lacks, or has in another way; it may have
 * others, too.
 */
export function airdigLacks(
  body: Uint8Array,
  expected: readonly Span[],
): readonly string[] {
  const answer: Json = JSON.parse(new TextDecoder().decode(body));
  const answered = new Map<string, Json>(
    answer.spans.map((span: Json) => [`${span.span_id} ${span.kind}`, span]),
  );
  return sentSpans(expected).map(answeredSpan).flatMap((sent) => {
    const key = `${sent.span_id} ${sent.kind}`;
    const span = Object.fromEntries(
      Object.entries(answered.get(key) ?? {})
        .filter(([field]) => !DERIVED.includes(field)),
    );
    const asJson: unknown = JSON.parse(JSON.stringify(sent));
    return isDeepStrictEqual(span, asJson)
      ? []
      : [`${key} is ${JSON.stringify(span)}, not ${JSON.stringify(sent)}`];
  });
}

function byStart({ span: a }: PlainSpan, { span: b }: PlainSpan): number {
  return Number(
    bigintAt(a, "startTimeUnixNano") - bigintAt(b, "startTimeUnixNano"),
  ) || textAt(a, "spanId").localeCompare(textAt(b, "spanId"), "en") ||
    numberAt(a, "kind") - numberAt(b, "kind");
}

function answeredSpan(sent: PlainSpan) {
  const { resource, scope, span } = sent;
  const parent = textAt(span, "parentSpanId");
  const start = bigintAt(span, "startTimeUnixNano");
  const end = bigintAt(span, "endTimeUnixNano");
  const status = messageAt(span, "status");
  const resourceAttributes = attributesOf(resource);
  const service = resourceAttributes["service.name"];
  return {
    trace_id: textAt(span, "traceId"),
    span_id: textAt(span, "spanId"),
    ...(parent !== "" && { parent_span_id: parent }),
    service_name: typeof service === "string" && service !== ""
      ? service
      : "unknown_service",
    operation_name: textAt(span, "name"),
    kind: KINDS[numberAt(span, "kind")],
    start_time: timeOf(start),
    end_time: timeOf(end),
    duration_ns: end > start ? Number(end - start) : 0,
    status_code: STATUSES[numberAt(status, "code")],
    status_message: textAt(status, "message"),
    resource_attrs: resourceAttributes,
    resource_dropped_attributes_count: numberAt(
      resource,
      "droppedAttributesCount",
    ),
    resource_schema_url: sent.resourceSchemaUrl,
    scope: {
      name: textAt(scope, "name"),
      version: textAt(scope, "version"),
      schema_url: sent.scopeSchemaUrl,
      attributes: attributesOf(scope),
      dropped_attributes_count: numberAt(scope, "droppedAttributesCount"),
    },
    attributes: attributesOf(span),
    dropped_attributes_count: numberAt(span, "droppedAttributesCount"),
    events: messagesAt(span, "events").map((event) => ({
      time: timeOf(bigintAt(event, "timeUnixNano")),
      name: textAt(event, "name"),
      attributes: attributesOf(event),
      dropped_attributes_count: numberAt(event, "droppedAttributesCount"),
    })),
    dropped_events_count: numberAt(span, "droppedEventsCount"),
    links: messagesAt(span, "links").map((link) => ({
      trace_id: textAt(link, "traceId"),
      span_id: textAt(link, "spanId"),
      trace_state: textAt(link, "traceState"),
      flags: numberAt(link, "flags"),
      attributes: attributesOf(link),
      dropped_attributes_count: numberAt(link, "droppedAttributesCount"),
    })),
    dropped_links_count: numberAt(span, "droppedLinksCount"),
    trace_state: textAt(span, "traceState"),
    flags: numberAt(span, "flags"),
  };
}

/** ns since the epoch as text with nine digits behind the seconds. */
function timeOf(ns: bigint): string {
  const seconds = new Date(Number(ns / NS_PER_S) * 1000).toISOString();
  const rest = String(ns % NS_PER_S + NS_PER_S).slice(1);
  return seconds.replace(".000Z", `.${rest}Z`);
}

/** The attributes of a message as JSON's nearest form has them. */
export function attributesOf(message: PlainMessage): Record<string, Json> {
  return listOf(messagesAt(message, "attributes"));
}

function listOf(pairs: readonly PlainMessage[]): Record<string, Json> {
  return Object.fromEntries(
    pairs.map((pair) => [
      textAt(pair, "key"),
      jsonOf(messageAt(pair, "value")),
    ]),
  );
}

/** An `AnyValue` as JSON's nearest form has it. */
export function jsonOf(any: PlainMessage): Json {
  const [field = ""] = Object.keys(any);
  switch (field) {
    case "":
      return null;
    case "intValue": {
      const value = bigintAt(any, field);
      return Number.isSafeInteger(Number(value))
        ? Number(value)
        : String(value);
    }
    case "doubleValue": {
      const value = numberAt(any, field);
      return Number.isFinite(value) ? value : String(value);
    }
    case "bytesValue":
      return Buffer.from(textAt(any, field), "hex").toString("base64");
    case "arrayValue":
      return messagesAt(messageAt(any, field), "values").map(jsonOf);
    case "kvlistValue":
      return listOf(messagesAt(messageAt(any, field), "values"));
    default:
      return any[field];
  }
}
