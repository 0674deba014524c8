import * as z from "zod/mini";
import { StatusCode } from "../map/span_kind.ts";
import {
  countField,
  durationField,
  timeField,
} from "../query/answer_fields.ts";
import type { Span } from "../spans/span.ts";
import { skewAdjustments } from "./clock_skew.ts";
import { criticalPath } from "./critical_path.ts";
import { distinctSpans } from "./distinct_spans.ts";
import { type Interval, lengthNs, spanInterval } from "./interval.ts";
import { nsTimeText } from "./ns_time_text.ts";
import { selfTimes } from "./self_time.ts";
import { spanTree } from "./span_tree.ts";
import {
  type ResourceLink,
  TraceSpanAnswers,
  traceSpanSchema,
} from "./trace_span.ts";

/** A part of the critical path. */
const segmentSchema = z.strictObject({
  span_id: z.string(),
  start_time: timeField.check(
    z.describe("By the span's clock as it was adjusted."),
  ),
  duration_ns: durationField,
});

/** A trace with all its spans. */
export const traceSchema = z.strictObject({
  trace_id: z.string(),
  spans: z.array(traceSpanSchema).check(
    z.describe("By start, as it was sent."),
  ),
  start_time: timeField.check(
    z.describe("The first start of any span, as it was sent."),
  ),
  end_time: timeField.check(
    z.describe("The last end of any span, as it was sent."),
  ),
  duration: durationField.check(z.describe("ns between these two.")),
  span_count: countField.check(z.describe("Without spans that came twice.")),
  services: z.array(z.string()).check(z.describe("Names, sorted.")),
  has_error: z.boolean(),
  root_span_id: z.string(),
  missing_parents: countField.check(
    z.describe("Spans whose parent is not there."),
  ),
  critical_path: z.array(segmentSchema).check(
    z.describe(
      "By time; it fills the root's time without a gap or an overlap.",
    ),
  ),
  warnings: z.array(z.string()).check(
    z.describe("Why it may have more spans."),
  ),
});

/** A trace with all its spans. */
export type Trace = z.infer<typeof traceSchema>;

/** What else is known of a trace. */
export interface TraceAnswerOptions {
  /** The cloud resources that a span ran on or called, the surest first. */
  readonly links?: (span: Span) => readonly ResourceLink[];
  /** Why it may have more spans. */
  readonly warnings?: readonly string[];
}

/**
 * A trace as it is answered. Durations are exact up to 2^53 ns (104 days).
 *
 * @param spans All of one trace, in any order; repeated ones are left out.
 * @returns Undefined of no spans.
 *
 * @example A call that takes 6 of 10 ns
 * ```ts
 * import type { Span } from "../src/spans/span.ts";
 * import { traceAnswer } from "../src/trace_view/trace_answer.ts";
 *
 * const root: Span = {
 *   traceId: "0af7651916cd43dd8448eb211c80319c",
 *   spanId: "00000000000000aa",
 *   parentSpanId: "",
 *   traceState: "",
 *   flags: 1,
 *   name: "GET /cart",
 *   kind: 2,
 *   startNs: 1_700_000_000_000_000_000n,
 *   endNs: 1_700_000_000_000_000_010n,
 *   attributes: new Map(),
 *   droppedAttributes: 0,
 *   events: [],
 *   droppedEvents: 0,
 *   links: [],
 *   droppedLinks: 0,
 *   status: { code: 0, message: "" },
 *   resource: {
 *     attributes: new Map([["service.name", "cart"]]),
 *     droppedAttributes: 0,
 *     schemaUrl: "",
 *   },
 *   scope: {
 *     name: "http",
 *     version: "",
 *     attributes: new Map(),
 *     droppedAttributes: 0,
 *     schemaUrl: "",
 *   },
 * };
 * const call: Span = {
 *   ...root,
 *   spanId: "00000000000000bb",
 *   parentSpanId: root.spanId,
 *   startNs: root.startNs + 1n,
 *   endNs: root.startNs + 7n,
 * };
 * const trace = traceAnswer([call, root]);
 * expect(trace?.spans.map((span) => span.self_time_ns)).toEqual([4, 6]);
 * expect(trace?.critical_path.map((part) => [part.span_id, part.duration_ns]))
 *   .toEqual([[root.spanId, 1], [call.spanId, 6], [root.spanId, 3]]);
 * ```
 */
export function traceAnswer(
  spans: readonly Span[],
  { links, warnings = [] }: TraceAnswerOptions = {},
): Trace | undefined {
  const tree = spanTree(distinctSpans(spans));
  const root = tree.spans[tree.root];
  if (root === undefined) return undefined;
  const adjustments = skewAdjustments(tree);
  const intervals = tree.spans.map((span, at) =>
    spanInterval(span, adjustments[at] ?? 0n)
  );
  const selfNs = selfTimes(tree, intervals);
  const path = criticalPath(tree, intervals);
  const critical = new Set(path.map((segment) => segment.at));
  const answers = new TraceSpanAnswers();
  const answered = tree.spans.map((span, at) =>
    answers.answer(span, {
      durationNs: lengthNs(spanInterval(span, 0n)),
      selfTimeNs: selfNs[at] ?? 0n,
      onCriticalPath: critical.has(at),
      adjustmentNs: adjustments[at] ?? 0n,
      resources: links?.(span) ?? [],
    })
  );
  const sent = extent(tree.spans);
  return {
    trace_id: root.traceId,
    spans: answered,
    start_time: nsTimeText(sent.startNs),
    end_time: nsTimeText(sent.endNs),
    duration: Number(lengthNs(sent)),
    span_count: answered.length,
    services: [...new Set(answered.map((span) => span.service_name))].sort(),
    has_error: tree.spans.some(({ status }) =>
      status.code === StatusCode.ERROR
    ),
    root_span_id: root.spanId,
    missing_parents: tree.missingParents,
    critical_path: path.map((segment) => ({
      span_id: tree.spans[segment.at]?.spanId ?? "",
      start_time: nsTimeText(segment.startNs),
      duration_ns: Number(lengthNs(segment)),
    })),
    warnings: [...warnings],
  };
}

// From the first start to the last end: the spans are by start.
function extent(spans: readonly Span[]): Interval {
  const startNs = spans[0]?.startNs ?? 0n;
  let endNs = startNs;
  for (const span of spans) if (span.endNs > endNs) endNs = span.endNs;
  return { startNs, endNs };
}
