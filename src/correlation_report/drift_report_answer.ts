import { isBelieved } from "../correlation/drift_verdict.ts";
import { driftAnswer } from "../drift/drift_answer.ts";
import { timeText } from "../query/figures.ts";
import { affectedServices } from "./affected_services.ts";
import {
  type DriftReport,
  msOf,
  type ReportParts,
} from "./drift_report_schema.ts";
import { reportText } from "./report_text.ts";

/** A report as it is answered. */
export function driftReport(parts: ReportParts): DriftReport {
  const { drift, finding, drifts, nowMs } = parts;
  const { at, before, after } = finding.window;
  const moment = (minute: number): string => timeText(msOf(parts, minute));
  const affected = affectedServices(parts);
  const report = {
    drift_event: driftAnswer(drift),
    analysis_window: { start: moment(at - before), end: moment(at + after) },
    window_before: { start: moment(at - before), end: moment(at) },
    window_after: { start: moment(at), end: moment(at + after) },
    verdict: finding.verdict,
    confidence: finding.confidence,
    reasons: [...finding.reasons],
    affected_services: affected,
    total_impact: {
      services: affected.filter(({ role }) => role !== "unrelated_concurrent")
        .length,
      critical_failures: affected
        .filter(({ role }) => role === "critical_failure").length,
      touched: finding.touched.size,
      figures: finding.effects.filter(isBelieved).length,
    },
    competing_events: finding.competing.flatMap(({ id, share }) => {
      const other = drifts.get(id);
      return other === undefined ? [] : [{
        drift_event_id: id,
        resource_id: other.resourceId,
        timestamp: timeText(other.timeMs),
        share,
      }];
    }),
    generated_at: timeText(nowMs),
    warnings: [...parts.warnings],
  };
  return { ...report, summary: reportText(report) };
}
