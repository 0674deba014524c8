import { isDeepStrictEqual } from "node:util";
import type { Span } from "../../src/spans/span.ts";
import { jsonOf } from "./airdig_form.ts";
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

const KINDS = ["", "internal", "server", "client", "producer", "consumer"];
const CODES = ["", "OK", "ERROR"];
const NS_PER_US = 1000n;
const W3C_FLAGS = 255;

type Json = ReturnType<typeof JSON.parse>;

/**
 * How Jaeger's answer differs from the spans that were sent, in what its form
 * has a place for.
 *
 * @param body `{"data": [trace]}`.
 * @param expected Of one trace, no two of one id and kind.
 */
export function jaegerDifferences(
  body: Uint8Array,
  expected: readonly Span[],
): readonly string[] {
  const answer: Json = JSON.parse(new TextDecoder().decode(body));
  const [trace] = answer.data;
  if (answer.data.length !== 1) return [`${answer.data.length} traces`];
  const answered = trace.spans.map((span: Json) => {
    const { processID, warnings: _, ...own } = span;
    const { serviceName, tags } = trace.processes[processID] ?? {};
    return asSet({
      ...own,
      process: { serviceName, tags: sorted(tags ?? []) },
    });
  });
  const sent = sentSpans(expected).map((span) => asSet(jaegerSpan(span)));
  return isDeepStrictEqual(sorted(answered), sorted(sent)) ? [] : [
    `${JSON.stringify(sorted(answered))} is answered, not ${
      JSON.stringify(sorted(sent))
    }`,
  ];
}

function asSet(span: Json): Json {
  return Object.fromEntries(
    Object.entries({ ...span, tags: sorted(span.tags) })
      .toSorted(([a], [b]) => a < b ? -1 : 1),
  );
}

function sorted(items: readonly Json[]): readonly Json[] {
  return items.map((item) => JSON.stringify(item)).toSorted()
    .map((text) => JSON.parse(text));
}

function jaegerSpan({ resource, scope, span }: PlainSpan): Json {
  const start = bigintAt(span, "startTimeUnixNano");
  const end = bigintAt(span, "endTimeUnixNano");
  const flags = numberAt(span, "flags") & W3C_FLAGS;
  const status = messageAt(span, "status");
  const code = CODES[numberAt(status, "code")] ?? "";
  const traceID = textAt(span, "traceId");
  const parent = textAt(span, "parentSpanId");
  const service = stringAttribute(resource, "service.name");
  return {
    traceID,
    spanID: textAt(span, "spanId"),
    ...(flags !== 0 && { flags }),
    operationName: textAt(span, "name"),
    references: [
      ...(parent === ""
        ? []
        : [{ refType: "CHILD_OF", traceID, spanID: parent }]),
      ...messagesAt(span, "links").map((link) => ({
        refType: "FOLLOWS_FROM",
        traceID: textAt(link, "traceId"),
        spanID: textAt(link, "spanId"),
      })),
    ],
    startTime: Number(start / NS_PER_US),
    duration: end > start ? Number((end - start) / NS_PER_US) : 0,
    tags: [
      ...textTag("otel.scope.name", textAt(scope, "name")),
      ...textTag("otel.scope.version", textAt(scope, "version")),
      ...tagsOf(span),
      ...textTag("span.kind", KINDS[numberAt(span, "kind")] ?? ""),
      ...textTag("otel.status_code", code),
      ...(code === "ERROR"
        ? [{ key: "error", type: "bool", value: true }]
        : []),
      ...textTag("otel.status_description", textAt(status, "message")),
      ...textTag("w3c.tracestate", textAt(span, "traceState")),
    ],
    logs: messagesAt(span, "events").map((event) => ({
      timestamp: Number(bigintAt(event, "timeUnixNano") / NS_PER_US),
      fields: [
        ...(hasAttribute(event, "event")
          ? []
          : textTag("event", textAt(event, "name"))),
        ...tagsOf(event),
      ],
    })),
    process: {
      serviceName: service === "" ? "unknown_service" : service,
      tags: sorted(
        tagsOf(resource).filter(({ key }) => key !== "service.name"),
      ),
    },
  };
}

function hasAttribute(message: PlainMessage, key: string): boolean {
  return messagesAt(message, "attributes")
    .some((pair) => textAt(pair, "key") === key);
}

function stringAttribute(message: PlainMessage, key: string): string {
  const pair = messagesAt(message, "attributes")
    .find((one) => textAt(one, "key") === key);
  return pair === undefined
    ? ""
    : textAt(messageAt(pair, "value"), "stringValue");
}

function textTag(key: string, value: string) {
  return value === "" ? [] : [{ key, type: "string", value }];
}

const TYPES: Readonly<Record<string, string>> = {
  boolValue: "bool",
  intValue: "int64",
  doubleValue: "float64",
  bytesValue: "binary",
};

function tagsOf(message: PlainMessage) {
  return messagesAt(message, "attributes").map((pair) => {
    const any = messageAt(pair, "value");
    const [choice = ""] = Object.keys(any);
    const value: unknown = jsonOf(any);
    const isNested = typeof value === "object" && value !== null;
    return {
      key: textAt(pair, "key"),
      type: TYPES[choice] ?? "string",
      value: isNested ? JSON.stringify(value) : value ?? "",
    };
  });
}
