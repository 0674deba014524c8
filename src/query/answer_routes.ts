import type { Hono } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { answerDiagnostics } from "./diagnostics_route.ts";
import { answerHealth } from "./health_route.ts";
import {
  noteFirst,
  type Question,
  readRoutes,
  refuseMethod,
} from "./read_routes.ts";
import { answerServiceDetail } from "./service_detail_route.ts";
import { answerServiceList } from "./service_list_route.ts";
import { answerServiceMap } from "./service_map_route.ts";
import { answerTraceList } from "./trace_list_route.ts";
import { answerTrace } from "./trace_route.ts";
import { answerStatus } from "./status_route.ts";
import { answerMetrics } from "../telemetry/metrics_route.ts";

const QUESTIONS: readonly Question[] = [
  ["/metrics", answerMetrics],
  ["/api/v1/status", answerStatus],
  ["/api/v1/servicemap", answerServiceMap],
  ["/api/v1/services", answerServiceList],
  ["/api/v1/services/:name", answerServiceDetail],
  ["/api/v1/traces", answerTraceList],
  ["/api/v1/traces/:trace_id", answerTrace],
  ["/api/v1/diagnostics", answerDiagnostics],
];

/** All that AirDig and Prometheus ask; every call but `/health` needs a key. */
export function answerRoutes(): Hono<AppEnv> {
  const routes = readRoutes(QUESTIONS);
  routes.get("/health", noteFirst, answerHealth);
  routes.all("/health", refuseMethod);
  return routes;
}
