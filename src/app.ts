import { type Context, Hono } from "hono";
import { keyRoutes } from "./admin/key_routes.ts";
import { outboxRoutes } from "./admin/outbox_routes.ts";
import { correlationRoutes } from "./correlation_report/correlation_routes.ts";
import { driftRoutes } from "./drift/drift_routes.ts";
import { anomalyRoutes } from "./anomaly/anomaly_routes.ts";
import { graphqlRoutes } from "./graphql/graphql_routes.ts";
import { apiRoutes } from "./api/api_routes.ts";
import type { AppEnv } from "./http/app_env.ts";
import { answerError, jsonError } from "./http/json_error.ts";
import { readCors } from "./http/read_cors.ts";
import { recordOf } from "./http/request_record.ts";
import { securityHeaders } from "./http/security_headers.ts";
import { otlpRoutes } from "./ingest/otlp_route.ts";
import type { IngestTargets } from "./ingest/take_request.ts";
import { answerRoutes } from "./query/answer_routes.ts";
import { liveRoutes } from "./live/live_routes.ts";
import { jaegerRoutes } from "./jaeger/jaeger_routes.ts";
import { resourceRoutes } from "./resources/resource_routes.ts";
import { tempoRoutes } from "./tempo/tempo_routes.ts";
import { observeRequests } from "./telemetry/observe_requests.ts";

/**
 * The whole HTTP surface: OTLP in, JSON out. Accepted spans go to `targets`.
 */
export function createApp(targets: IngestTargets): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(observeRequests(targets));
  app.use(securityHeaders);
  for (const path of ["/api/*", "/tempo/*", "/jaeger/*", "/graphql"]) {
    app.use(path, readCors);
  }
  app.route("/", otlpRoutes(targets));
  app.route("/", answerRoutes());
  app.route("/", liveRoutes());
  app.route("/", apiRoutes());
  app.route("/", tempoRoutes());
  app.route("/", jaegerRoutes());
  app.route("/", resourceRoutes());
  app.route("/", driftRoutes());
  app.route("/", correlationRoutes());
  app.route("/", anomalyRoutes());
  app.route("/", graphqlRoutes());
  app.route("/", outboxRoutes());
  app.route("/", keyRoutes());
  app.notFound(answerNotFound);
  app.onError((error, context) =>
    answerError(error, context.req.raw, { request_id: recordOf(context).id })
  );
  return app;
}

function answerNotFound(context: Context<AppEnv>): Response {
  const { method, path } = context.req;
  return jsonError(404, `Cannot find ${method} ${path}: see GET /docs`);
}
