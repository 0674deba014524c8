import * as z from "zod/mini";
import { Histogram } from "../map/histogram.ts";
import { keepSample, type Sample } from "../map/sample.ts";
import type { OperationStats } from "../map/service_window.ts";
import {
  SPAN_KIND_NAMES,
  type SpanKind,
  StatusCode,
} from "../map/span_kind.ts";
import {
  countField,
  durationField,
  rateField,
  ratioField,
  traceIdsField,
} from "./answer_fields.ts";
import type { AnswerWindow } from "./answer_window.ts";
import {
  averageNs,
  nsOfMs,
  percentiles,
  ratePerSecond,
  requestFigures,
} from "./figures.ts";
import { sampleTraces } from "./service_edge.ts";
import type { SourceWindow } from "../history/source_window.ts";

/** The most operations that one answer lists. */
export const MAX_OPERATIONS_LISTED = 1000;

/** The spans of one name and kind. */
export const serviceOperationSchema = z.strictObject({
  service_name: z.string(),
  operation_name: z.string(),
  kind: z.literal(Object.values(SPAN_KIND_NAMES)),
  count: countField,
  error_count: countField,
  error_rate: ratioField,
  rate: rateField,
  avg_duration: durationField,
  p50_duration: durationField,
  p95_duration: durationField,
  p99_duration: durationField,
  sample_traces: traceIdsField,
}).register(z.globalRegistry, { id: "ServiceOperation" });

/** The spans of one name and kind. */
export type ServiceOperation = z.infer<typeof serviceOperationSchema>;

/** The spans of one name and kind, whatever their status. */
export interface MergedOperation {
  readonly name: string;
  readonly kind: SpanKind;
  failed: number;
  readonly duration: Histogram;
  readonly samples: Sample[];
}

/**
 * The operations of some windows together, the most frequent first.
 *
 * @param windows In any order; of one service, or of services of one name.
 */
export function mergeOperations(
  windows: readonly SourceWindow[],
): MergedOperation[] {
  const merged = new Map<string, MergedOperation>();
  for (const { window } of windows.toSorted((a, b) => a.startS - b.startS)) {
    for (const operation of window.operations.values()) {
      addOperation(merged, operation);
    }
  }
  return [...merged.values()]
    .filter((operation) => operation.duration.count > 0)
    .sort(mostFrequentFirst);
}

function addOperation(
  merged: Map<string, MergedOperation>,
  { name, kind, status, duration, samples }: OperationStats,
): void {
  const id = `${kind} ${name}`;
  const known = merged.get(id) ??
    { name, kind, failed: 0, duration: new Histogram(), samples: [] };
  merged.set(id, known);
  known.duration.merge(duration);
  if (status === StatusCode.ERROR) known.failed += duration.count;
  for (const sample of samples) keepSample(known.samples, sample);
}

function mostFrequentFirst(a: MergedOperation, b: MergedOperation): number {
  return b.duration.count - a.duration.count || a.kind - b.kind ||
    (a.name < b.name ? -1 : 1);
}

/** An operation as it is answered. */
export function serviceOperation(
  service: string,
  { name, kind, failed, duration, samples }: MergedOperation,
  window: AnswerWindow,
): ServiceOperation {
  const requests = requestFigures(duration.count, failed);
  const { p50, p95, p99 } = percentiles(duration);
  return {
    service_name: service,
    operation_name: name,
    kind: SPAN_KIND_NAMES[kind],
    count: requests.request_count,
    error_count: requests.error_count,
    error_rate: requests.error_rate,
    rate: ratePerSecond(
      requests.request_count,
      nsOfMs(window.endMs - window.startMs),
    ),
    avg_duration: averageNs(duration),
    p50_duration: p50,
    p95_duration: p95,
    p99_duration: p99,
    sample_traces: sampleTraces(samples),
  };
}
