import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import { readAnomaly } from "../anomaly/anomaly_store.ts";
import { noParameters } from "../query/parameters.ts";
import { encodeDriftCursor } from "../drift/drift_cursor.ts";
import { findDrift } from "../drift/find_drift.ts";
import type { AppEnv } from "../http/app_env.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { nodeOfId } from "../map/node_identity.ts";
import { answerJson } from "../query/answer_json.ts";
import { readOrRefuse, wrongParameters } from "../query/asked.ts";
import { timeMs } from "../query/parse_time.ts";
import { correlationOperations } from "./correlation_operations.ts";
import { timeRange } from "../query/time_range.ts";
import {
  DEFAULT_REPORT_LIMIT,
  DEFAULT_WINDOW_MINUTES,
  driftReportParameters,
  incidentParameters,
  MAX_INCIDENT_MS,
  reportListParameters,
} from "./correlation_parameters.ts";
import { anomalyAsked } from "./anomaly_incident.ts";
import { makeIncidentReport } from "./incident_answer.ts";
import { makeDriftReport } from "./make_drift_report.ts";
import { listReports, writeReport } from "./report_store.ts";

/** How long an incident is where only its end is known, ms. */
const DEFAULT_INCIDENT_MS = 30 * 60_000;

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
  const asked = readOrRefuse(context, driftReportParameters);
  const { window = DEFAULT_WINDOW_MINUTES, format = "json" } = asked;
  const { tenant } = context.get("caller");
  const settings = context.get("settings");
  const nowMs = Date.now();
  const drift = await findDrift(context.env, context.req.param("id") ?? "", {
    tenant,
    settings,
    nowMs,
  });
  const report = await makeDriftReport(context.env, drift, {
    tenant,
    settings,
    nowMs,
    windowMinutes: window,
    waitUntil: (promise) => context.executionCtx.waitUntil(promise),
  });
  await writeReport(context.env.DB, tenant, report);
  return format === "json" ? answerJson(report) : new Response(report.summary, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
    },
  });
}

/** `GET /api/v1/correlation/incident` */
async function answerIncident(context: Context<AppEnv>): Promise<Response> {
  const nowMs = Date.now();
  const { service, namespace, environment, ...times } = readOrRefuse(
    context,
    incidentParameters,
  );
  const range = timeRange(times, nowMs, { defaultMs: DEFAULT_INCIDENT_MS });
  if (!range.ok) throw wrongParameters(range.problems);
  const { startMs, endMs } = range.range;
  if (endMs - startMs > MAX_INCIDENT_MS) {
    throw wrongParameters([{
      parameter: "start",
      problem: `must be at most ${MAX_INCIDENT_MS / 3_600_000} hours before ` +
        "end: ask about the beginning of the incident",
    }]);
  }
  const report = await makeIncidentReport(context.env, {
    name: service,
    namespace,
    environment,
  }, {
    tenant: context.get("caller").tenant,
    settings: context.get("settings"),
    nowMs,
    startMs,
    endMs,
    waitUntil: (promise) => context.executionCtx.waitUntil(promise),
  });
  return answerJson(report);
}

/** `GET /api/v1/correlation/anomaly/{id}` */
async function answerAnomalyIncident(
  context: Context<AppEnv>,
): Promise<Response> {
  readOrRefuse(context, noParameters);
  const nowMs = Date.now();
  const id = context.req.param("id") ?? "";
  const { tenant } = context.get("caller");
  const stored = await readAnomaly(context.env.DB, tenant, id);
  if (stored === null) {
    throw new HttpProblem(
      404,
      `Cannot find an anomaly "${id}": see GET /api/v1/anomalies`,
    );
  }
  const { anomaly } = stored;
  const asked = anomalyAsked(anomaly, {
    tenant,
    settings: context.get("settings"),
    nowMs,
    waitUntil: (promise) => context.executionCtx.waitUntil(promise),
  });
  return answerJson(
    await makeIncidentReport(context.env, nodeOfId(anomaly.service), asked),
  );
}

/** `GET /api/v1/correlations` */
async function answerReports(context: Context<AppEnv>): Promise<Response> {
  const nowMs = Date.now();
  const asked = readOrRefuse(context, reportListParameters);
  const { limit = DEFAULT_REPORT_LIMIT, verdict, cursor } = asked;
  const startMs = asked.start && timeMs(asked.start, nowMs);
  const endMs = asked.end && timeMs(asked.end, nowMs);
  if (startMs !== undefined && endMs !== undefined && endMs <= startMs) {
    throw wrongParameters([
      { parameter: "end", problem: "must be after start" },
    ]);
  }
  const reports = await listReports(
    context.env.DB,
    context.get("caller").tenant,
    // One more tells whether there is a next page.
    { filter: { verdict, startMs, endMs, after: cursor }, limit: limit + 1 },
  );
  const page = reports.slice(0, limit);
  const last = reports.length > limit ? page.at(-1) : undefined;
  return answerJson({
    correlations: page,
    count: page.length,
    next_cursor: last === undefined ? null : encodeDriftCursor({
      timeMs: Date.parse(last.drift_event.timestamp),
      id: last.drift_event.id,
    }),
  });
}
