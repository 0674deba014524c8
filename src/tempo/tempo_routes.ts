import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "../query/answer_json.ts";
import { VERSION } from "../query/version.ts";
import {
  answerTagNames,
  answerTagNamesV2,
  answerTagValues,
  answerTagValuesV2,
} from "./tag_routes.ts";
import { tempoOperations } from "./tempo_operations.ts";
import { answerTempoSearch } from "./tempo_search_route.ts";
import { answerTempoTrace, answerTempoTraceV2 } from "./tempo_trace_route.ts";

/**
 * Tempo's query API over the traces that are kept here: what Grafana's Tempo
 * data source asks, with `/tempo` as its URL.
 */
export function tempoRoutes(): Hono<AppEnv> {
  return operationRoutes(tempoOperations, {
    "GET /tempo/api/echo": answerEcho,
    "GET /tempo/api/status/buildinfo": answerBuildInfo,
    "GET /tempo/api/search": answerTempoSearch,
    "GET /tempo/api/search/tags": answerTagNames,
    "GET /tempo/api/search/tag/{tag}/values": answerTagValues,
    "GET /tempo/api/v2/search/tags": answerTagNamesV2,
    "GET /tempo/api/v2/search/tag/{tag}/values": answerTagValuesV2,
    "GET /tempo/api/traces/{trace_id}": answerTempoTrace,
    "GET /tempo/api/v2/traces/{trace_id}": answerTempoTraceV2,
  });
}

function answerEcho(context: Context<AppEnv>): Response {
  return context.text("echo");
}

/** Grafana tells by the version what it may ask. */
function answerBuildInfo(): Response {
  return answerJson({
    version: "2.8.0",
    revision: `tracecore-${VERSION}`,
    branch: "",
    buildUser: "",
    buildDate: "",
    goVersion: "",
  });
}
