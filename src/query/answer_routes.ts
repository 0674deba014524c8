import type { Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import type { AppEnv } from "../http/app_env.ts";
import { answerMetrics } from "../telemetry/metrics_route.ts";
import { answerDiagnostics } from "./diagnostics_route.ts";
import { answerHealth } from "./health_route.ts";
import { queryOperations } from "./query_operations.ts";
import { answerServiceDetail } from "./service_detail_route.ts";
import { answerServiceList } from "./service_list_route.ts";
import { answerServiceMap } from "./service_map_route.ts";
import { answerStatus } from "./status_route.ts";
import { answerTraceList } from "./trace_list_route.ts";
import { answerTrace } from "./trace_route.ts";

/** All that AirDig and Prometheus ask; every call but `/health` needs a key. */
export function answerRoutes(): Hono<AppEnv> {
  return operationRoutes(queryOperations, {
    "GET /api/v1/servicemap": answerServiceMap,
    "GET /api/v1/services": answerServiceList,
    "GET /api/v1/services/{name}": answerServiceDetail,
    "GET /api/v1/diagnostics": answerDiagnostics,
    "GET /api/v1/traces": answerTraceList,
    "GET /api/v1/traces/{trace_id}": answerTrace,
    "GET /api/v1/status": answerStatus,
    "GET /metrics": answerMetrics,
    "GET /health": answerHealth,
  });
}
