import * as z from "zod/mini";
import type { Resource, Span } from "../spans/span.ts";
import { distinctSpans } from "../trace_view/distinct_spans.ts";
import { serviceName } from "../trace_view/service_name.ts";
import { jaegerAnswerSchema } from "./jaeger_answer.ts";
import { jaegerSpan, jaegerSpanSchema } from "./jaeger_span.ts";
import { jaegerTags, jaegerTagSchema } from "./jaeger_tag.ts";

const processSchema = z.strictObject({
  serviceName: z.string(),
  tags: z.array(jaegerTagSchema),
});

type Process = z.infer<typeof processSchema>;

/** A trace as Jaeger's UI reads it. */
export const jaegerTraceSchema = z.strictObject({
  traceID: z.string(),
  spans: z.array(jaegerSpanSchema),
  /** By `processID`: "p1", "p2" and so on. */
  processes: z.record(z.string(), processSchema),
  /** Why it may have more spans. */
  warnings: z.nullable(z.array(z.string())),
});

/** A trace as Jaeger's UI reads it. */
export type JaegerTrace = z.infer<typeof jaegerTraceSchema>;

/** `GET /api/traces` and `GET /api/traces/{id}`. */
export const jaegerTracesSchema = jaegerAnswerSchema(jaegerTraceSchema);

/**
 * A trace as Jaeger's UI reads it.
 *
 * Lost on the way, for Jaeger's form has no place for it: the nanoseconds of
 * every time (µs, rounded down); attributes, dropped counts and schema URLs of
 * scopes; attributes, trace state, flags and dropped counts of links; every
 * other dropped count and schema URL; the types within lists and maps; the
 * flags above the W3C's eight.
 *
 * @param spans Of one trace; repeated ones are left out.
 *
 * Source: "OpenTelemetry to Jaeger Transformation" of the specification, as
 * opentelemetry-collector-contrib's pkg/translator/jaeger does it; Jaeger's
 * internal/uimodel.
 */
export function jaegerTrace(
  spans: readonly Span[],
  warnings: readonly string[] = [],
): JaegerTrace {
  const processes = new ProcessIds();
  return {
    traceID: spans[0]?.traceId ?? "",
    spans: distinctSpans(spans).map((span) =>
      jaegerSpan(span, processes.idOf(span.resource))
    ),
    processes: processes.all(),
    warnings: warnings.length === 0 ? null : [...warnings],
  };
}

/** Resources by a short id; those that look the same share one. */
class ProcessIds {
  readonly #ids = new Map<Resource, string>();
  readonly #byText = new Map<string, string>();
  readonly #processes: [string, Process][] = [];

  idOf(resource: Resource): string {
    const known = this.#ids.get(resource);
    if (known !== undefined) return known;
    const process = processOf(resource);
    const text = JSON.stringify(process);
    const id = this.#byText.get(text) ?? this.#add(process);
    this.#byText.set(text, id);
    this.#ids.set(resource, id);
    return id;
  }

  #add(process: Process): string {
    const id = `p${this.#processes.length + 1}`;
    this.#processes.push([id, process]);
    return id;
  }

  all(): Record<string, Process> {
    return Object.fromEntries(this.#processes);
  }
}

function processOf(resource: Resource): Process {
  return {
    serviceName: serviceName(resource),
    tags: jaegerTags(resource.attributes)
      .filter(({ key }) => key !== "service.name"),
  };
}
