import { describeRejection, type RejectionReason } from "../otlp/rejection.ts";
import type {
  ResourceAttributes,
  SpanBatch,
  SpanRow,
} from "../otlp/span_batch.ts";
import { serviceOf } from "./classify.ts";

const REASON: RejectionReason = "service";
const PROBLEM = "the key may not post for this service";

/**
 * A batch without the spans of services that are not allowed; they are rejected
 * on top of those that were. It is the same batch where all are allowed.
 *
 * @param allowed Asked once for each resource, by the service's name, which is
 *   `UNKNOWN_SERVICE` where nobody named it.
 *
 * @example
 * ```ts
 * import { withoutServices } from "../src/ingest/without_services.ts";
 * import { readTracesJson } from "../src/otlp/traces_json.ts";
 *
 * const span = {
 *   traceId: "5b8efff798038103d269b633813fc60c",
 *   spanId: "eee19b7ec3c1b174",
 *   endTimeUnixNano: "1700000000123456789",
 * };
 * const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
 * const read = readTracesJson(
 *   new TextEncoder().encode(JSON.stringify(request)),
 * );
 * const batch = read.ok && withoutServices(read.batch, (name) => name === "a");
 * expect(batch && batch.rejectedSpans).toEqual([0]);
 * ```
 */
export function withoutServices(
  batch: SpanBatch,
  allowed: (serviceName: string) => boolean,
): SpanBatch {
  const answers = new Map<ResourceAttributes, boolean>();
  const isAllowed = ({ resource }: SpanRow): boolean => {
    const known = answers.get(resource);
    if (known !== undefined) return known;
    const answer = allowed(serviceOf(resource).name);
    answers.set(resource, answer);
    return answer;
  };
  const first = batch.spans.find((row) => !isAllowed(row));
  if (first === undefined) return batch;
  const spans: SpanRow[] = [];
  const rejectedSpans: number[] = [];
  let rejectedBefore = 0;
  for (const row of batch.spans) {
    // A span's ordinal is the number of spans, taken or rejected, before it.
    let ordinal = spans.length + rejectedSpans.length;
    while (batch.rejectedSpans[rejectedBefore] === ordinal) {
      rejectedBefore++;
      rejectedSpans.push(ordinal++);
    }
    if (isAllowed(row)) spans.push(row);
    else rejectedSpans.push(ordinal);
  }
  const refused = batch.spans.length - spans.length;
  const rejections = new Map(batch.rejections);
  rejections.set(REASON, (rejections.get(REASON) ?? 0) + refused);
  return {
    ...batch,
    spans,
    rejected: batch.rejected + refused,
    rejection: batch.rejection ||
      describeRejection({ problem: PROBLEM, ...first }),
    rejectedSpans: [
      ...rejectedSpans,
      ...batch.rejectedSpans.slice(rejectedBefore),
    ],
    rejections,
  };
}
