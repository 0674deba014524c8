import { NodeTrait } from "../map/node_type.ts";
import { type ServiceWindow } from "../map/service_window.ts";
import { addEndpoint, operationOf } from "../map/window_entries.ts";
import { isServerSide, SpanKind } from "../map/span_kind.ts";
import { isFailed } from "./edges.ts";
import { sampleSpan } from "./sample_span.ts";
import type { SpanFacts } from "./span_facts.ts";

/**
 * Counts a span for its own service, whatever becomes of its calls.
 *
 * @param timeMs When it counts, ms since the epoch.
 */
export function countSpan(
  window: ServiceWindow,
  span: SpanFacts,
  timeMs: number,
): void {
  window.counters.spans++;
  window.traits |= span.traits;
  window.firstSeenMs = Math.min(window.firstSeenMs, timeMs);
  window.lastSeenMs = Math.max(window.lastSeenMs, timeMs);
  const operation = operationOf(window, {
    name: span.operation,
    kind: span.kind,
    status: span.status,
  });
  operation.duration.record(span.durationNs, span.weight);
  sampleSpan(operation.samples, span, {
    failed: isFailed(span),
    endMs: timeMs,
  });
  if (span.endpoint !== "") addEndpoint(window, span.endpoint);
  const requests = isServerSide(span.kind)
    ? window.entries
    : span.parentId === ""
    ? window.roots
    : null;
  if (requests === null) return;
  requests.duration.record(span.durationNs, span.weight);
  if (isFailed(span)) requests.failed += span.weight;
  if (span.kind === SpanKind.SERVER && span.parentId === "") {
    window.traits |= NodeTrait.SERVES_ROOTS;
  }
}
