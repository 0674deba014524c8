import * as z from "zod/mini";
import { durationField } from "../query/answer_fields.ts";
import type { Trace } from "../trace_view/trace_answer.ts";

/** A trace that shows an effect. */
export const sampleTraceSchema = z.strictObject({
  trace_id: z.string(),
  duration: durationField,
  error: z.string().check(
    z.describe('What the deepest failed span says; "" where none failed.'),
  ),
}).register(z.globalRegistry, { id: "SampleTrace" });

/** A trace that shows an effect. */
export type SampleTrace = z.infer<typeof sampleTraceSchema>;

/** UTF-16 units of an error's text. */
export const MAX_ERROR_LENGTH = 200;

/** What a report tells of a trace. */
export function sampleTrace(trace: Trace): SampleTrace {
  return {
    trace_id: trace.trace_id,
    duration: trace.duration,
    error: errorOf(trace).slice(0, MAX_ERROR_LENGTH),
  };
}

// The span that ended first among the failed is where it began.
function errorOf({ spans }: Trace): string {
  const failed = spans
    .filter(({ status_code: status }) => status === "error")
    .toSorted((a, b) => a.end_time < b.end_time ? -1 : 1);
  const told = failed.find((span) => messageOf(span) !== "") ?? failed[0];
  return told === undefined ? "" : messageOf(told) || told.operation_name;
}

function messageOf(span: Trace["spans"][number]): string {
  if (span.status_message) return span.status_message;
  for (const { attributes } of span.events) {
    const message = attributes["exception.message"];
    if (typeof message === "string" && message !== "") return message;
  }
  return "";
}
