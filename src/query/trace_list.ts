import * as z from "zod/mini";
import { hexOf } from "../codec/byte_string.ts";
import { nodeOfId } from "../map/node_identity.ts";
import { encodeCursor } from "../search/trace_cursor.ts";
import type { TraceHit } from "../trace_search/trace_source.ts";
import { nsTimeText } from "../trace_view/ns_time_text.ts";
import type { FoundTraces } from "./found_traces.ts";
import { countField, durationField, timeField } from "./answer_fields.ts";

/** A trace that was found. */
export const traceSummarySchema = z.strictObject({
  trace_id: z.string(),
  root_service: z.string().check(
    z.describe(
      "Of the root, or of the first span where the root is not there.",
    ),
  ),
  root_operation: z.string(),
  start_time: timeField,
  duration: durationField.check(
    z.describe("From its first start to its last end, ns."),
  ),
  span_count: countField,
  error_count: countField,
  services: z.array(z.string()).check(z.describe("Names, sorted.")),
}).register(z.globalRegistry, { id: "TraceSummary" });

/** Answer to `GET /api/v1/traces`. */
export const traceListSchema = z.strictObject({
  traces: z.array(traceSummarySchema).check(z.describe("The newest first.")),
  count: countField,
  next_cursor: z.nullable(z.string()).check(
    z.describe("For the next page; null: there is none."),
  ),
  warnings: z.array(z.string()).check(
    z.describe("Why there may be more traces than were looked at."),
  ),
}).register(z.globalRegistry, { id: "TraceList" });

/** Traces that were found. */
export type TraceList = z.infer<typeof traceListSchema>;

/**
 * Traces that were found, as AirDig gets them.
 *
 * @param fromNs Start of the window that was asked for, ns since the epoch.
 */
export function traceList(
  { hits, next, warnings }: FoundTraces,
  fromNs: bigint,
): TraceList {
  return {
    traces: hits.map(traceSummary),
    count: hits.length,
    next_cursor: next === null ? null : encodeCursor({
      fromNs,
      startNs: next.startNs,
      traceId: hexOf(next.traceId),
    }),
    warnings: [...warnings],
  };
}

function traceSummary({ summary }: TraceHit): TraceList["traces"][number] {
  const { root, groups } = summary;
  const services = new Set(groups.map(({ service }) => nameOf(service)));
  return {
    trace_id: hexOf(summary.traceId),
    root_service: root === null ? "" : nameOf(root.service),
    root_operation: root?.operation ?? "",
    start_time: nsTimeText(summary.startNs),
    duration: Number(summary.endNs - summary.startNs),
    span_count: summary.spanCount,
    error_count: summary.errorCount,
    services: [...services].toSorted(),
  };
}

function nameOf(service: string): string {
  return nodeOfId(service).name;
}
