import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import { findAnomaly } from "../anomaly/load_anomalies.ts";
import { noParameters } from "../query/parameters.ts";
import { encodeDriftCursor } from "../drift/drift_cursor.ts";
import { findDrift } from "../drift/find_drift.ts";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "../query/answer_json.ts";
import { readOrRefuse } from "../query/asked.ts";
import { askingOf } from "../query/asking.ts";
import { correlationOperations } from "./correlation_operations.ts";
import {
  driftReportParameters,
  incidentParameters,
  reportListParameters,
} from "./correlation_parameters.ts";
import {
  loadAnomalyIncident,
  loadDriftReport,
  loadIncident,
  loadReportPage,
} from "./load_reports.ts";

/** Which change did what, and what did which change. */
export function correlationRoutes(): Hono<AppEnv> {
  return operationRoutes(correlationOperations, {
    "GET /api/v1/correlation/drift/{id}": answerDriftReport,
    "GET /api/v1/correlation/incident": answerIncident,
    "GET /api/v1/correlation/anomaly/{id}": answerAnomalyIncident,
    "GET /api/v1/correlations": answerReports,
  });
}

/** `GET /api/v1/correlation/drift/{id}` */
async function answerDriftReport(context: Context<AppEnv>): Promise<Response> {
  const { window, format } = readOrRefuse(context, driftReportParameters);
  const asking = askingOf(context);
  const id = context.req.param("id") ?? "";
  const drift = await findDrift(context.env, id, asking);
  const report = await loadDriftReport(asking, drift, {
    windowMinutes: window,
  });
  return format === "text"
    ? new Response(report.summary, {
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "no-store",
      },
    })
    : answerJson(report);
}

/** `GET /api/v1/correlation/incident` */
async function answerIncident(context: Context<AppEnv>): Promise<Response> {
  const asked = readOrRefuse(context, incidentParameters);
  return answerJson(await loadIncident(askingOf(context), asked));
}

/** `GET /api/v1/correlation/anomaly/{id}` */
async function answerAnomalyIncident(
  context: Context<AppEnv>,
): Promise<Response> {
  readOrRefuse(context, noParameters);
  const asking = askingOf(context);
  const id = context.req.param("id") ?? "";
  const { anomaly } = await findAnomaly(asking, id);
  return answerJson(await loadAnomalyIncident(asking, anomaly));
}

/** `GET /api/v1/correlations` */
async function answerReports(context: Context<AppEnv>): Promise<Response> {
  const asked = readOrRefuse(context, reportListParameters);
  const { reports, last } = await loadReportPage(askingOf(context), asked);
  return answerJson({
    correlations: reports,
    count: reports.length,
    next_cursor: last === null ? null : encodeDriftCursor({
      timeMs: Date.parse(last.drift_event.timestamp),
      id: last.drift_event.id,
    }),
  });
}
