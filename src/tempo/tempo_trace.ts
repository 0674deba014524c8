import * as z from "zod/mini";
import type { Resource, Scope, Span } from "../spans/span.ts";
import { distinctSpans } from "../trace_view/distinct_spans.ts";
import { keyValues, keyValueSchema } from "./any_value.ts";
import { setFields } from "./set_fields.ts";
import { tempoSpan, tempoSpanSchema } from "./tempo_span.ts";

const attributesField = z.exactOptional(z.array(keyValueSchema));
const textField = z.exactOptional(z.string());
const numberField = z.exactOptional(z.number());

/** OTLP's `ResourceSpans` as Tempo writes it. */
export const resourceSpansSchema = z.strictObject({
  resource: z.strictObject({
    attributes: attributesField,
    droppedAttributesCount: numberField,
  }),
  scopeSpans: z.array(z.strictObject({
    scope: z.strictObject({
      name: textField,
      version: textField,
      attributes: attributesField,
      droppedAttributesCount: numberField,
    }),
    spans: z.array(tempoSpanSchema),
    schemaUrl: textField,
  })),
  schemaUrl: textField,
});

/** OTLP's `ResourceSpans` as Tempo writes it. */
export type ResourceSpans = z.infer<typeof resourceSpansSchema>;

/** `GET /api/traces/{id}`. */
export const tempoTraceSchema = z.strictObject({
  batches: z.exactOptional(z.array(resourceSpansSchema)),
});

/** `GET /api/traces/{id}`. */
export type TempoTrace = z.infer<typeof tempoTraceSchema>;

/** `GET /api/v2/traces/{id}`. */
export const tempoTraceByIdSchema = z.strictObject({
  trace: z.strictObject({
    resourceSpans: z.exactOptional(z.array(resourceSpansSchema)),
  }),
  metrics: z.strictObject({}),
  /** Only where spans are left out. */
  status: z.exactOptional(z.literal("PARTIAL")),
  /** Why spans are left out. */
  message: textField,
});

/** `GET /api/v2/traces/{id}`. */
export type TempoTraceById = z.infer<typeof tempoTraceByIdSchema>;

/** What else there is to say of a trace. */
export interface TempoTraceOptions {
  /** Why spans are left out; "" where none are. */
  readonly partial?: string;
}

/**
 * A trace as Tempo's first API answers it: protobuf's JSON form, ids base64,
 * enums by name, 64-bit integers as strings, without default values.
 *
 * @param spans Of one trace; repeated ones are left out.
 *
 * Source: grafana/tempo, `tempopb.MarshalToJSONV1`.
 */
export function tempoTraceJson(spans: readonly Span[]): TempoTrace {
  return setFields({ batches: resourceSpans(spans) });
}

/**
 * A trace as Tempo's second API answers it; see `tempoTraceJson`.
 *
 * Source: grafana/tempo, pkg/tempopb/tempo.proto, `TraceByIDResponse`.
 */
export function tempoTraceByIdJson(
  spans: readonly Span[],
  { partial = "" }: TempoTraceOptions = {},
): TempoTraceById {
  return {
    trace: setFields({ resourceSpans: resourceSpans(spans) }),
    metrics: {},
    ...(partial !== "" && { status: "PARTIAL", message: partial }),
  };
}

function resourceSpans(spans: readonly Span[]): ResourceSpans[] {
  const grouped = new Map<Resource, Map<Scope, Span[]>>();
  for (const span of distinctSpans(spans)) {
    const scopes = grouped.get(span.resource) ?? new Map<Scope, Span[]>();
    grouped.set(span.resource, scopes);
    const scoped = scopes.get(span.scope);
    if (scoped === undefined) scopes.set(span.scope, [span]);
    else scoped.push(span);
  }
  return Array.from(grouped, ([resource, scopes]) => ({
    resource: setFields({
      attributes: keyValues(resource.attributes),
      droppedAttributesCount: resource.droppedAttributes,
    }),
    scopeSpans: Array.from(scopes, ([scope, scoped]) => ({
      scope: setFields({
        name: scope.name,
        version: scope.version,
        attributes: keyValues(scope.attributes),
        droppedAttributesCount: scope.droppedAttributes,
      }),
      spans: scoped.map((span) => tempoSpan(span)),
      ...setFields({ schemaUrl: scope.schemaUrl }),
    })),
    ...setFields({ schemaUrl: resource.schemaUrl }),
  }));
}
