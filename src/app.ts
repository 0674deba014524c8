import { type Context, Hono } from "hono";
import { keyRoutes } from "./admin/key_routes.ts";
import { outboxRoutes } from "./admin/outbox_routes.ts";
import { correlationRoutes } from "./correlation_report/correlation_routes.ts";
import { driftRoutes } from "./drift/drift_routes.ts";
import { anomalyRoutes } from "./anomaly/anomaly_routes.ts";
import type { AppEnv } from "./http/app_env.ts";
import { answerError, jsonError } from "./http/json_error.ts";
import { readCors } from "./http/read_cors.ts";
import { recordOf } from "./http/request_record.ts";
import { securityHeaders } from "./http/security_headers.ts";
import { otlpRoutes } from "./ingest/otlp_route.ts";
import type { IngestTargets } from "./ingest/take_request.ts";
import { answerRoutes } from "./query/answer_routes.ts";
import { jaegerRoutes } from "./jaeger/jaeger_routes.ts";
import { resourceRoutes } from "./resources/resource_routes.ts";
import { tempoRoutes } from "./tempo/tempo_routes.ts";
import { observeRequests } from "./telemetry/observe_requests.ts";

/** What `GET /` lists. */
const ENDPOINTS = [
  "POST /v1/traces",
  "GET /health",
  "GET /metrics",
  "GET /api/v1/status",
  "GET /api/v1/servicemap",
  "GET /api/v1/services",
  "GET /api/v1/services/{name}",
  "GET /api/v1/traces",
  "GET /api/v1/traces/{trace_id}",
  "GET /api/v1/diagnostics",
  "GET /api/v1/drift-events",
  "POST /api/v1/drift-events",
  "GET /api/v1/drift-events/{id}",
  "GET /api/v1/correlation/drift/{id}",
  "GET /api/v1/correlation/incident",
  "GET /api/v1/correlation/anomaly/{id}",
  "GET /api/v1/correlations",
  "GET /api/v1/anomalies",
  "GET /api/v1/anomalies/{id}",
  "GET /api/v1/resources",
  "PUT /api/v1/resources",
  "GET /api/v1/resources/{id}",
  "GET /api/v1/resources/{id}/services",
  "GET /api/v1/outbox",
  "GET /api/v1/outbox/{target}",
  "GET /api/v1/outbox/{target}/dead-letters",
  "POST /api/v1/outbox/{target}/dead-letters/replay",
  "GET /api/v1/outbox/{target}/dead-letters/{id}",
  "DELETE /api/v1/outbox/{target}/dead-letters/{id}",
  "GET /api/v1/keys",
  "POST /api/v1/keys",
  "GET /api/v1/keys/{id}",
  "PATCH /api/v1/keys/{id}",
  "DELETE /api/v1/keys/{id}",
  "POST /api/v1/keys/{id}/rotate",
  "GET /tempo/api/… (Grafana's Tempo data source)",
  "GET /jaeger/api/… (Jaeger's query API)",
];

/**
 * The whole HTTP surface: OTLP in, JSON out. Accepted spans go to `targets`.
 */
export function createApp(targets: IngestTargets): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(observeRequests(targets));
  app.use(securityHeaders);
  for (const path of ["/api/*", "/tempo/*", "/jaeger/*"]) {
    app.use(path, readCors);
  }
  app.route("/", otlpRoutes(targets));
  app.route("/", answerRoutes());
  app.route("/", tempoRoutes());
  app.route("/", jaegerRoutes());
  app.route("/", resourceRoutes());
  app.route("/", driftRoutes());
  app.route("/", correlationRoutes());
  app.route("/", anomalyRoutes());
  app.route("/", outboxRoutes());
  app.route("/", keyRoutes());
  app.get("/", listEndpoints);
  app.notFound(answerNotFound);
  app.onError((error, context) =>
    answerError(error, context.req.raw, { request_id: recordOf(context).id })
  );
  return app;
}

function listEndpoints(): Response {
  return Response.json({ service: "tracecore", endpoints: ENDPOINTS });
}

function answerNotFound(context: Context<AppEnv>): Response {
  const { method, path } = context.req;
  return jsonError(404, `Cannot find ${method} ${path}: see GET / for a list`);
}
