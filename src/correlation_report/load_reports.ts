import type * as z from "zod/mini";
import type { Drift } from "../drift/drift.ts";
import type { Anomaly } from "../anomaly/anomaly.ts";
import { nodeOfId } from "../map/node_identity.ts";
import { wrongParameters } from "../query/asked.ts";
import { askedMoments } from "../query/asked_moments.ts";
import { pageOf } from "../query/page_of.ts";
import type { Asking } from "../query/asking.ts";
import { timeRange } from "../query/time_range.ts";
import { anomalyAsked } from "./anomaly_incident.ts";
import {
  DEFAULT_REPORT_LIMIT,
  DEFAULT_WINDOW_MINUTES,
  type incidentParameters,
  MAX_INCIDENT_MS,
  type reportListParameters,
} from "./correlation_parameters.ts";
import type { DriftReport } from "./drift_report_schema.ts";
import { makeIncidentReport } from "./incident_answer.ts";
import type { IncidentReport } from "./incident_schema.ts";
import { makeDriftReport } from "./make_drift_report.ts";
import { listReports, writeReport } from "./report_store.ts";

/** How long an incident is where only its end is known, ms. */
const DEFAULT_INCIDENT_MS = 30 * 60_000;

/**
 * The report of a change, made now, and stored.
 *
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function loadDriftReport(
  { bindings, ...asking }: Asking,
  drift: Drift,
  { windowMinutes = DEFAULT_WINDOW_MINUTES }: {
    /** @default {60} */
    readonly windowMinutes?: number | undefined;
  } = {},
): Promise<DriftReport> {
  const asked = { ...asking, windowMinutes };
  const report = await makeDriftReport(bindings, drift, asked);
  await writeReport(bindings.DB, asking.tenant, report);
  return report;
}

/**
 * What may be behind an incident that is asked about.
 *
 * @throws {HttpProblem} 400 where the time cannot be; 404 where no service has
 *   that name.
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export function loadIncident(
  { bindings, ...asking }: Asking,
  { service, namespace, environment, ...times }: z.infer<
    typeof incidentParameters
  >,
): Promise<IncidentReport> {
  const defaults = { defaultMs: DEFAULT_INCIDENT_MS };
  const range = timeRange(times, asking.nowMs, defaults);
  if (!range.ok) throw wrongParameters(range.problems);
  const { startMs, endMs } = range.range;
  if (endMs - startMs > MAX_INCIDENT_MS) {
    throw wrongParameters([{
      parameter: "start",
      problem: `must be at most ${MAX_INCIDENT_MS / 3_600_000} hours before ` +
        "end: ask about the beginning of the incident",
    }]);
  }
  const node = { name: service, namespace, environment };
  return makeIncidentReport(bindings, node, { ...asking, startMs, endMs });
}

/**
 * What may be behind an anomaly.
 *
 * @throws {HttpProblem} 404 where the service is not known any more.
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export function loadAnomalyIncident(
  { bindings, ...asking }: Asking,
  anomaly: Anomaly,
): Promise<IncidentReport> {
  const asked = anomalyAsked(anomaly, asking);
  return makeIncidentReport(bindings, nodeOfId(anomaly.service), asked);
}

/** A page of stored reports. */
export interface ReportPage {
  /** Those of the newest changes first. */
  readonly reports: readonly DriftReport[];
  /** The last one, where there is a next page. */
  readonly last: DriftReport | null;
}

/**
 * The stored reports that are asked for.
 *
 * @throws {HttpProblem} 400 where the end is not after the start.
 * @throws What D1 threw.
 */
export async function loadReportPage(
  { bindings, tenant, nowMs }: Asking,
  asked: z.infer<typeof reportListParameters>,
): Promise<ReportPage> {
  const { limit = DEFAULT_REPORT_LIMIT, verdict, cursor } = asked;
  const moments = askedMoments(asked, nowMs);
  const found = await listReports(bindings.DB, tenant, {
    filter: { verdict, ...moments, after: cursor },
    limit: limit + 1,
  });
  const { entries: reports, last } = pageOf(found, limit);
  return { reports, last };
}
