import type { ServedRequest } from "../http/served_request.ts";
import { SpanKind } from "../map/span_kind.ts";
import type { TraceParent } from "./trace_parent.ts";

/** A span of TraceCore's own; ids are lower-case hex, times ms since the epoch. */
export interface SelfSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** "" for a root. */
  readonly parentId: string;
  readonly name: string;
  readonly kind: typeof SpanKind.SERVER | typeof SpanKind.INTERNAL;
  readonly startMs: number;
  readonly endMs: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** What the spans of a request are made with. */
export interface SelfSpanOptions {
  /** The span that called; null for a root. */
  readonly parent: TraceParent | null;
  /** As many random bytes, as hex. */
  readonly randomHex: (bytes: number) => string;
}

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/**
 * A request as spans: one of kind SERVER, and an INTERNAL one for each step. Its
 * name has the route's pattern in it, never the path, so that names are few.
 *
 * @returns The server span first.
 */
export function selfSpans(
  served: ServedRequest,
  { parent, randomHex }: SelfSpanOptions,
): readonly SelfSpan[] {
  const { record, method, route, status } = served;
  const server: SelfSpan = {
    traceId: parent?.traceId ?? randomHex(TRACE_ID_BYTES),
    spanId: randomHex(SPAN_ID_BYTES),
    parentId: parent?.spanId ?? "",
    name: route === null ? method : `${method} ${route}`,
    kind: SpanKind.SERVER,
    startMs: record.startMs,
    endMs: served.endMs,
    failed: status >= 500,
    attributes: {
      "http.request.method": method,
      ...(route === null ? {} : { "http.route": route }),
      "http.response.status_code": status,
      "http.request.body.size": served.bytesIn,
      "tracecore.request_id": record.id,
    },
  };
  const steps = record.steps.map((step) => ({
    traceId: server.traceId,
    spanId: randomHex(SPAN_ID_BYTES),
    parentId: server.spanId,
    name: step.name,
    kind: SpanKind.INTERNAL,
    startMs: step.startMs,
    endMs: step.endMs,
    failed: step.failed,
    attributes: {},
  }));
  return [server, ...steps];
}
