import { durationText, percentText } from "../correlation/plain_words.ts";
import type { DriftReport, ServiceImpact } from "./drift_report_schema.ts";

/** Services that the text tells of; the worst. */
const MAX_TOLD_SERVICES = 3;

/**
 * A report as text: the event, each affected service, and traces that show it.
 * Of a change that did nothing, no service is told.
 */
export function reportText(
  { drift_event: event, affected_services: services }: Omit<
    DriftReport,
    "summary"
  >,
): string {
  const told = services.filter(({ role }) => role !== "unrelated_concurrent")
    .slice(0, MAX_TOLD_SERVICES);
  const time = event.timestamp.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
  const kind = event.resource_type.replace(/^aws_/, "").replaceAll("_", " ");
  return [
    "Correlation Report:",
    `- Drift Event: ${event.resource_id} (${kind} ${event.type})`,
    `- Time: ${time}`,
    ...(told.length === 0
      ? ["- Affected Service: none"]
      : told.flatMap(serviceLines)),
  ].join("\n") + "\n";
}

function serviceLines(impact: ServiceImpact): string[] {
  const { latency, error_rate: errors } = impact;
  const direction = errors.change < 0 ? "decrease" : "increase";
  return [
    `- Affected Service: ${impact.service_name}`,
    "",
    "Performance Impact:",
    `- Before change: p95 latency = ${shortDuration(latency.before)}`,
    `- After change: p95 latency = ${shortDuration(latency.after)}`,
    `- Error rate ${direction}: ${percentText(errors.before)} → ${
      percentText(errors.after)
    }`,
    "",
    "Sample Traces:",
    ...impact.sample_trace_details.map(({ trace_id: id, duration, error }) =>
      `- ${id} (${shortDuration(duration)}${
        error === "" ? "" : `, error: ${error}`
      })`
    ),
  ];
}

/** `120ms`, as the command line has always printed it. */
function shortDuration(ns: number): string {
  return durationText(ns).replace(" ", "");
}
