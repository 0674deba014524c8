import { StatusCode } from "../map/span_kind.ts";
import type { Span } from "../spans/span.ts";
import { matchesSpan } from "./matches_span.ts";
import { rootSpan } from "./root_span.ts";
import { spanService } from "./span_service.ts";
import { traceExtent } from "./trace_extent.ts";
import type { AskedRoot, TraceFilter } from "./trace_filter.ts";

/**
 * Whether a trace is one that is asked for.
 *
 * @param spans All spans of one trace.
 *
 * @example No span, no trace
 * ```ts
 * import { matchesTrace } from "../src/search/matches_trace.ts";
 * import { ANY_TRACE } from "../src/search/trace_filter.ts";
 *
 * const filter = { ...ANY_TRACE, fromNs: 0n, toNs: 2n ** 64n };
 * expect(matchesTrace([], filter)).toBe(false);
 * ```
 */
export function matchesTrace(
  spans: readonly Span[],
  filter: TraceFilter,
): boolean {
  const extent = traceExtent(spans);
  if (extent === null) return false;
  const { startNs, endNs } = extent;
  return startNs >= filter.fromNs && startNs < filter.toNs &&
    hasDuration(Number(endNs - startNs), filter) &&
    (filter.failed === null || filter.failed === spans.some(failed)) &&
    hasRoot(spans, filter.root) &&
    spans.some((span) => matchesEach(span, filter));
}

/**
 * The spans that fulfil all conditions on a span, in their order.
 *
 * @param spans All spans of one trace.
 */
export function matchingSpans(
  spans: readonly Span[],
  filter: Pick<TraceFilter, "span">,
): readonly Span[] {
  return spans.filter((span) => matchesEach(span, filter));
}

function matchesEach(span: Span, filter: Pick<TraceFilter, "span">): boolean {
  return filter.span.every((condition) => matchesSpan(span, condition));
}

function hasDuration(ns: number, filter: TraceFilter): boolean {
  const { minDurationNs, maxDurationNs } = filter;
  return (minDurationNs === null || ns >= minDurationNs) &&
    (maxDurationNs === null || ns <= maxDurationNs);
}

function failed(span: Span): boolean {
  return span.status.code === StatusCode.ERROR;
}

function hasRoot(spans: readonly Span[], asked: AskedRoot): boolean {
  if (asked.service === null && asked.name === null) return true;
  const root = rootSpan(spans);
  if (root === null) return false;
  return (asked.name === null || root.name === asked.name) &&
    (asked.service === null ||
      spanService(root.resource.attributes).name === asked.service);
}
