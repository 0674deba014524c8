import * as z from "zod/mini";
import { SPAN_KIND_NAMES, StatusCode } from "../map/span_kind.ts";
import {
  countField,
  durationField,
  ratioField,
  timeField,
} from "../query/answer_fields.ts";
import type { Resource, Scope, Span } from "../spans/span.ts";
import { attributesJson } from "./attribute_json.ts";
import { nsTimeText } from "./ns_time_text.ts";
import { serviceName } from "./service_name.ts";

/** What the status of a span is called. */
export const STATUS_NAMES = {
  [StatusCode.UNSET]: "unset",
  [StatusCode.OK]: "ok",
  [StatusCode.ERROR]: "error",
} as const satisfies Record<StatusCode, string>;

/** By key; for what JSON has no form for, see `attributeJson`. */
const attributesField = z.record(
  z.string(),
  z.json().register(z.globalRegistry, { id: "Json" }),
);

/** Something that happened during a span. */
const eventSchema = z.strictObject({
  time: timeField,
  name: z.string(),
  attributes: attributesField,
  dropped_attributes_count: countField,
});

/** Another span that a span points to. */
const linkSchema = z.strictObject({
  trace_id: z.string(),
  span_id: z.string(),
  trace_state: z.string(),
  flags: countField,
  attributes: attributesField,
  dropped_attributes_count: countField,
});

/** The instrumentation that made a span. */
const scopeSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  schema_url: z.string(),
  attributes: attributesField,
  dropped_attributes_count: countField,
});

/** A cloud resource that a span ran on or called. */
export const resourceLinkSchema = z.strictObject({
  resource_id: z.string(),
  resource_type: z.string(),
  confidence: ratioField.check(z.describe("How sure that is.")),
}).register(z.globalRegistry, { id: "ResourceLink" });

/** A cloud resource that a span ran on or called. */
export type ResourceLink = z.infer<typeof resourceLinkSchema>;

/** A span as it was sent, and what its trace says of it. */
export const traceSpanSchema = z.strictObject({
  trace_id: z.string(),
  span_id: z.string(),
  parent_span_id: z.optional(z.string()),
  service_name: z.string(),
  operation_name: z.string(),
  kind: z.literal(Object.values(SPAN_KIND_NAMES)),
  start_time: timeField.check(
    z.describe("As it was sent, whatever `skew_adjustment_ns` is."),
  ),
  end_time: timeField.check(
    z.describe("As it was sent; may be before the start."),
  ),
  duration_ns: durationField.check(
    z.describe("ns; 0 where it ends before it starts."),
  ),
  self_time_ns: durationField.check(
    z.describe(
      "Its duration without the time in which a child of its ran, ns.",
    ),
  ),
  on_critical_path: z.boolean().check(
    z.describe("Whether a segment of `critical_path` is its."),
  ),
  skew_adjustment_ns: z.number().check(
    z.describe(
      "To be added to its times to fit its caller's clock, ns; see `skewAdjustments`.",
    ),
  ),
  status_code: z.literal(Object.values(STATUS_NAMES)),
  status_message: z.string(),
  resource_attrs: attributesField,
  resource_dropped_attributes_count: countField,
  resource_schema_url: z.string(),
  scope: scopeSchema,
  attributes: attributesField,
  dropped_attributes_count: countField,
  events: z.array(eventSchema),
  dropped_events_count: countField,
  links: z.array(linkSchema),
  dropped_links_count: countField,
  trace_state: z.string(),
  flags: countField,
  resources: z.optional(z.array(resourceLinkSchema)).check(
    z.describe("Not there where none is known."),
  ),
}).register(z.globalRegistry, { id: "Span" });

/** A span as it was sent, and what its trace says of it. */
export type TraceSpan = z.infer<typeof traceSpanSchema>;

/** What a span's trace says of it. */
export interface SpanRole {
  readonly durationNs: bigint;
  readonly selfTimeNs: bigint;
  readonly onCriticalPath: boolean;
  readonly adjustmentNs: bigint;
  readonly resources: readonly ResourceLink[];
}

/** Answers spans; what many have in common is made once. */
export class TraceSpanAnswers {
  readonly #resources = new Map<Resource, ResourceFields>();
  readonly #scopes = new Map<Scope, TraceSpan["scope"]>();

  /** A span as it is answered. */
  answer(span: Span, role: SpanRole): TraceSpan {
    return {
      trace_id: span.traceId,
      span_id: span.spanId,
      ...(span.parentSpanId !== "" && { parent_span_id: span.parentSpanId }),
      operation_name: span.name,
      kind: SPAN_KIND_NAMES[span.kind],
      start_time: nsTimeText(span.startNs),
      end_time: nsTimeText(span.endNs),
      duration_ns: Number(role.durationNs),
      self_time_ns: Number(role.selfTimeNs),
      on_critical_path: role.onCriticalPath,
      skew_adjustment_ns: Number(role.adjustmentNs),
      status_code: STATUS_NAMES[span.status.code],
      status_message: span.status.message,
      ...this.#resourceFields(span.resource),
      scope: this.#scope(span.scope),
      attributes: attributesJson(span.attributes),
      dropped_attributes_count: span.droppedAttributes,
      events: span.events.map((event) => ({
        time: nsTimeText(event.timeNs),
        name: event.name,
        attributes: attributesJson(event.attributes),
        dropped_attributes_count: event.droppedAttributes,
      })),
      dropped_events_count: span.droppedEvents,
      links: span.links.map((link) => ({
        trace_id: link.traceId,
        span_id: link.spanId,
        trace_state: link.traceState,
        flags: link.flags,
        attributes: attributesJson(link.attributes),
        dropped_attributes_count: link.droppedAttributes,
      })),
      dropped_links_count: span.droppedLinks,
      trace_state: span.traceState,
      flags: span.flags,
      ...(role.resources.length > 0 && { resources: [...role.resources] }),
    };
  }

  #resourceFields(resource: Resource): ResourceFields {
    const known = this.#resources.get(resource);
    if (known !== undefined) return known;
    const made = {
      service_name: serviceName(resource),
      resource_attrs: attributesJson(resource.attributes),
      resource_dropped_attributes_count: resource.droppedAttributes,
      resource_schema_url: resource.schemaUrl,
    };
    this.#resources.set(resource, made);
    return made;
  }

  #scope(scope: Scope): TraceSpan["scope"] {
    const known = this.#scopes.get(scope);
    if (known !== undefined) return known;
    const made = {
      name: scope.name,
      version: scope.version,
      schema_url: scope.schemaUrl,
      attributes: attributesJson(scope.attributes),
      dropped_attributes_count: scope.droppedAttributes,
    };
    this.#scopes.set(scope, made);
    return made;
  }
}

type ResourceFields = Pick<
  TraceSpan,
  | "service_name"
  | "resource_attrs"
  | "resource_dropped_attributes_count"
  | "resource_schema_url"
>;
