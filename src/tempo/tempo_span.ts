import * as z from "zod/mini";
import { base64Of } from "../codec/base64.ts";
import { SpanKind, StatusCode } from "../map/span_kind.ts";
import type { Span, SpanEvent, SpanLink } from "../spans/span.ts";
import { keyValues, keyValueSchema } from "./any_value.ts";
import { setFields } from "./set_fields.ts";

const KINDS = {
  [SpanKind.UNSPECIFIED]: undefined,
  [SpanKind.INTERNAL]: "SPAN_KIND_INTERNAL",
  [SpanKind.SERVER]: "SPAN_KIND_SERVER",
  [SpanKind.CLIENT]: "SPAN_KIND_CLIENT",
  [SpanKind.PRODUCER]: "SPAN_KIND_PRODUCER",
  [SpanKind.CONSUMER]: "SPAN_KIND_CONSUMER",
} as const satisfies Record<SpanKind, string | undefined>;

const STATUSES = {
  [StatusCode.UNSET]: undefined,
  [StatusCode.OK]: "STATUS_CODE_OK",
  [StatusCode.ERROR]: "STATUS_CODE_ERROR",
} as const satisfies Record<StatusCode, string | undefined>;

const textField = z.exactOptional(z.string());
const numberField = z.exactOptional(z.number());
/** ns since the epoch, decimal. */
const nsField = z.exactOptional(z.string().check(z.regex(/^\d{1,20}$/)));
const attributesField = z.exactOptional(z.array(keyValueSchema));

const eventSchema = z.strictObject({
  timeUnixNano: nsField,
  name: textField,
  attributes: attributesField,
  droppedAttributesCount: numberField,
});

const linkSchema = z.strictObject({
  /** Base64. */
  traceId: textField,
  /** Base64. */
  spanId: textField,
  traceState: textField,
  attributes: attributesField,
  droppedAttributesCount: numberField,
  flags: numberField,
});

/** OTLP's `Span` as Tempo writes it. */
export const tempoSpanSchema = z.strictObject({
  /** Base64. */
  traceId: textField,
  /** Base64. */
  spanId: textField,
  traceState: textField,
  /** Base64. */
  parentSpanId: textField,
  flags: numberField,
  name: textField,
  kind: z.exactOptional(z.enum([
    KINDS[SpanKind.INTERNAL],
    KINDS[SpanKind.SERVER],
    KINDS[SpanKind.CLIENT],
    KINDS[SpanKind.PRODUCER],
    KINDS[SpanKind.CONSUMER],
  ])),
  startTimeUnixNano: nsField,
  endTimeUnixNano: nsField,
  attributes: attributesField,
  droppedAttributesCount: numberField,
  events: z.exactOptional(z.array(eventSchema)),
  droppedEventsCount: numberField,
  links: z.exactOptional(z.array(linkSchema)),
  droppedLinksCount: numberField,
  status: z.strictObject({
    message: textField,
    code: z.exactOptional(z.enum([
      STATUSES[StatusCode.OK],
      STATUSES[StatusCode.ERROR],
    ])),
  }),
});

/** OTLP's `Span` as Tempo writes it. */
export type TempoSpan = z.infer<typeof tempoSpanSchema>;

/** A span as Tempo writes it. */
export function tempoSpan(span: Span): TempoSpan {
  return {
    ...setFields({
      traceId: base64OfHex(span.traceId),
      spanId: base64OfHex(span.spanId),
      traceState: span.traceState,
      parentSpanId: base64OfHex(span.parentSpanId),
      flags: span.flags,
      name: span.name,
      kind: KINDS[span.kind],
      startTimeUnixNano: span.startNs,
      endTimeUnixNano: span.endNs,
      attributes: keyValues(span.attributes),
      droppedAttributesCount: span.droppedAttributes,
      events: span.events.map((event) => tempoEvent(event)),
      droppedEventsCount: span.droppedEvents,
      links: span.links.map((link) => tempoLink(link)),
      droppedLinksCount: span.droppedLinks,
    }),
    status: setFields({
      message: span.status.message,
      code: STATUSES[span.status.code],
    }),
  };
}

function tempoEvent(event: SpanEvent): z.infer<typeof eventSchema> {
  return setFields({
    timeUnixNano: event.timeNs,
    name: event.name,
    attributes: keyValues(event.attributes),
    droppedAttributesCount: event.droppedAttributes,
  });
}

function tempoLink(link: SpanLink): z.infer<typeof linkSchema> {
  return setFields({
    traceId: base64OfHex(link.traceId),
    spanId: base64OfHex(link.spanId),
    traceState: link.traceState,
    attributes: keyValues(link.attributes),
    droppedAttributesCount: link.droppedAttributes,
    flags: link.flags,
  });
}

function base64OfHex(hex: string): string {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  }
  return base64Of(bytes);
}
