import { type Context, Hono, type MiddlewareHandler, type Next } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { authenticated } from "../http/authenticated.ts";
import { jsonError } from "../http/json_error.ts";
import { answerDiagnostics } from "./diagnostics_route.ts";
import { firstAskedMs } from "./first_asked.ts";
import { answerHealth } from "./health_route.ts";
import { answerServiceDetail } from "./service_detail_route.ts";
import { answerServiceList } from "./service_list_route.ts";
import { answerServiceMap } from "./service_map_route.ts";
import { answerTraceList } from "./trace_list_route.ts";
import { answerTrace } from "./trace_route.ts";
import { answerStatus } from "./status_route.ts";
import { answerMetrics } from "../telemetry/metrics_route.ts";

type Answer = (context: Context<AppEnv>) => Promise<Response>;

const QUESTIONS: readonly (readonly [string, Answer])[] = [
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
  const routes = new Hono<AppEnv>();
  const authenticate: MiddlewareHandler<AppEnv> = authenticated("read");
  routes.get("/health", noteFirst, answerHealth);
  routes.all("/health", refuseMethod);
  for (const [path, answer] of QUESTIONS) {
    routes.get(path, noteFirst, authenticate, answer);
    routes.all(path, refuseMethod);
  }
  return routes;
}

function noteFirst(_context: Context<AppEnv>, next: Next): Promise<void> {
  firstAskedMs(Date.now());
  return next();
}

/** The answer where a path is asked by a method that it does not take. */
export function refuseMethod(context: Context<AppEnv>): Response {
  const { method, path } = context.req;
  return jsonError(405, `Cannot ${method} ${path}: it takes GET`, {
    headers: { allow: "GET, HEAD" },
  });
}
