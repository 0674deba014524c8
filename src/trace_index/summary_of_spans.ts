import { byteStringOfHex } from "../codec/byte_string.ts";
import { foldName } from "../map/fold_name.ts";
import { cutText, MAX_NAME_CHARS } from "../otlp/text_limits.ts";
import { resourceIds } from "../search/resource_ids.ts";
import { spanService } from "../search/span_service.ts";
import type { Span } from "../spans/span.ts";
import { distinctSpans } from "../trace_view/distinct_spans.ts";
import {
  addSpan,
  emptySummary,
  type SummarisedSpan,
  type TraceSummary,
} from "./summary.ts";

/**
 * The summary that a shard would have of a trace.
 *
 * @param traceId A byte string of 16.
 * @param spans All of it; repeated ones count once.
 *
 * @example
 * ```ts
 * import { summaryOfSpans } from "../src/trace_index/summary_of_spans.ts";
 *
 * const summary = summaryOfSpans("0123456789abcdef", []);
 * expect(summary.spanCount).toBe(0);
 * ```
 */
export function summaryOfSpans(
  traceId: string,
  spans: readonly Span[],
): TraceSummary {
  const summary = emptySummary(traceId);
  for (const span of distinctSpans(spans)) {
    const ids = resourceIds(span.resource.attributes).map(({ id }) => id);
    addSpan(summary, summarised(span), ids);
  }
  return summary;
}

function summarised(span: Span): SummarisedSpan {
  const { startNs, endNs } = span;
  return {
    spanId: byteStringOfHex(span.spanId),
    parentId: byteStringOfHex(span.parentSpanId),
    kind: span.kind,
    status: span.status.code,
    startHigh: Number(startNs >> 32n),
    startLow: Number(startNs & 0xffffffffn),
    durationNs: endNs > startNs ? Number(endNs - startNs) : 0,
    service: spanService(span.resource.attributes),
    operation: foldName(cutText(span.name, MAX_NAME_CHARS)),
  };
}
