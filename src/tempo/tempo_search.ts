import * as z from "zod/mini";
import { DEFAULT_SPANS_PER_SPAN_SET } from "../search/read_tempo_search.ts";
import type { SpanCondition } from "../search/trace_filter.ts";
import type { Span } from "../spans/span.ts";
import { lengthNs, spanInterval } from "../trace_view/interval.ts";
import { serviceName } from "../trace_view/service_name.ts";
import { keyValues, keyValueSchema } from "./any_value.ts";
import { askedAttributes } from "./asked_attributes.ts";
import { setFields } from "./set_fields.ts";

/** What Tempo says of a root that is not there. */
const NO_ROOT = "<root span not yet received>";
const NS_PER_MS = 1e6;

/** A trace that was searched for, and the spans that were. */
export interface TraceHit {
  /** 32 hex digits. */
  readonly traceId: string;
  /** "" where the root is not there. */
  readonly rootService: string;
  /** "" where the root is not there. */
  readonly rootOperation: string;
  /** ns since the epoch. */
  readonly startNs: bigint;
  readonly durationNs: number;
  readonly services: readonly ServiceHit[];
  /** The spans that fulfil what was asked. */
  readonly matched: readonly Span[];
}

/** What a service has in a trace. */
export interface ServiceHit {
  readonly name: string;
  readonly spanCount: number;
  readonly errorCount: number;
}

const textField = z.exactOptional(z.string());
const numberField = z.exactOptional(z.number());

const spanSetSchema = z.strictObject({
  spans: z.exactOptional(z.array(z.strictObject({
    /** 16 hex digits. */
    spanID: z.string(),
    name: textField,
    startTimeUnixNano: textField,
    durationNanos: textField,
    attributes: z.array(keyValueSchema),
  }))),
  /** All that match, not only those shown. */
  matched: numberField,
});

/** `GET /api/search`. */
export const tempoSearchSchema = z.strictObject({
  traces: z.array(z.strictObject({
    /** 32 hex digits. */
    traceID: z.string(),
    rootServiceName: z.string(),
    rootTraceName: textField,
    startTimeUnixNano: textField,
    durationMs: numberField,
    spanSet: spanSetSchema,
    spanSets: z.array(spanSetSchema),
    /** By name. */
    serviceStats: z.record(
      z.string(),
      z.strictObject({ spanCount: numberField, errorCount: numberField }),
    ),
  })),
  metrics: z.strictObject({
    inspectedTraces: numberField,
    /** Decimal. */
    inspectedBytes: textField,
    completedJobs: z.number(),
    totalJobs: z.number(),
  }),
});

/** `GET /api/search`. */
export type TempoSearch = z.infer<typeof tempoSearchSchema>;

/** How a search is shown, and what it took. */
export interface TempoSearchOptions {
  /** At most so many spans of each trace are shown. */
  readonly spansPerSpanSet?: number;
  /** What was asked of a span: its fields are shown, after `service.name`. */
  readonly asked?: readonly SpanCondition[];
  readonly inspectedTraces?: number;
  readonly inspectedBytes?: number;
}

/**
 * What a search found, as Tempo answers it.
 *
 * Source: grafana/tempo, pkg/tempopb/tempo.proto, `SearchResponse`; pkg/traceql,
 * `asTraceSearchMetadata`. Trace ids keep their leading zeros here.
 */
export function tempoSearchAnswer(
  hits: readonly TraceHit[],
  {
    spansPerSpanSet = DEFAULT_SPANS_PER_SPAN_SET,
    asked = [],
    inspectedTraces = 0,
    inspectedBytes = 0,
  }: TempoSearchOptions = {},
): TempoSearch {
  return {
    traces: hits.map((hit) => {
      const set = spanSet(hit.matched, spansPerSpanSet, asked);
      return {
        traceID: hit.traceId,
        rootServiceName: hit.rootService === "" ? NO_ROOT : hit.rootService,
        ...setFields({
          rootTraceName: hit.rootOperation,
          startTimeUnixNano: hit.startNs,
          durationMs: Math.floor(hit.durationNs / NS_PER_MS),
        }),
        spanSet: set,
        spanSets: [set],
        serviceStats: serviceStats(hit.services),
      };
    }),
    metrics: {
      ...setFields({
        inspectedTraces,
        inspectedBytes: BigInt(inspectedBytes),
      }),
      // Grafana takes fewer jobs done than there are for a search under way.
      completedJobs: 1,
      totalJobs: 1,
    },
  };
}

function spanSet(
  matched: readonly Span[],
  limit: number,
  asked: readonly SpanCondition[],
): z.infer<typeof spanSetSchema> {
  return setFields({
    spans: matched.slice(0, limit).map((span) => ({
      spanID: span.spanId,
      ...setFields({
        name: span.name,
        startTimeUnixNano: span.startNs,
        durationNanos: lengthNs(spanInterval(span, 0n)),
      }),
      attributes: keyValues(
        new Map([
          ["service.name", serviceName(span.resource)],
          ...askedAttributes(span, asked),
        ]),
      ),
    })),
    matched: matched.length,
  });
}

function serviceStats(
  services: readonly ServiceHit[],
): TempoSearch["traces"][number]["serviceStats"] {
  return Object.fromEntries(
    services.map(({ name, spanCount, errorCount }) => [
      name,
      setFields({ spanCount, errorCount }),
    ]),
  );
}
