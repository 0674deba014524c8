import type { ShopService } from "./shop_services.ts";
import type { ShopSpan } from "./shop_span.ts";

/** What of a service its requests say. */
export type SendingService = Pick<ShopService, "resource">;

/** What of a span a request says. */
export type SentSpan = Omit<ShopSpan, "service"> & {
  /** @default "" */
  readonly statusMessage?: string;
};

type Attributes = Readonly<Record<string, string | number>>;

/** An OTLP `ExportTraceServiceRequest`, as its JSON encoding writes it. */
export interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly spans: readonly ExportedSpan[];
    }[];
  }[];
}

/** An OTLP `Span`; ids are hex, 64-bit integers are decimal strings. */
export interface ExportedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly links: readonly { traceId: string; spanId: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

/** An OTLP `KeyValue`. */
export interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue: string } | {
    readonly intValue: string;
  };
}

/**
 * The request that a service's SDK would send these spans in.
 *
 * @param scope Name of the instrumentation.
 */
export function exportRequest(
  service: SendingService,
  spans: readonly SentSpan[],
  { scope = "shop" }: { readonly scope?: string } = {},
): ExportRequest {
  return {
    resourceSpans: [{
      resource: { attributes: keyValues(service.resource) },
      scopeSpans: [{
        scope: { name: scope, version: "1.0.0" },
        spans: spans.map(exportedSpan),
      }],
    }],
  };
}

function exportedSpan(span: SentSpan): ExportedSpan {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === "" ? {} : { parentSpanId: span.parentSpanId }),
    ...(span.traceState === "" ? {} : { traceState: span.traceState }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: span.startNs.toString(),
    endTimeUnixNano: span.endNs.toString(),
    attributes: keyValues(span.attributes),
    links: span.links.map(({ traceId, spanId }) => ({ traceId, spanId })),
    status: {
      ...span.status === 0 ? {} : { code: span.status },
      ...span.statusMessage === undefined
        ? {}
        : { message: span.statusMessage },
    },
  };
}

function keyValues(attributes: Attributes): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "string"
      ? { stringValue: value }
      : { intValue: value.toString() },
  }));
}
