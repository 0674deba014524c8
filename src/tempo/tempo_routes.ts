import type { Hono } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "../query/answer_json.ts";
import { VERSION } from "../query/version.ts";
import { type Question, readRoutes } from "../query/read_routes.ts";
import {
  answerTagNames,
  answerTagNamesV2,
  answerTagValues,
  answerTagValuesV2,
} from "./tag_routes.ts";
import { answerTempoSearch } from "./tempo_search_route.ts";
import { answerTempoTrace, answerTempoTraceV2 } from "./tempo_trace_route.ts";

const QUESTIONS: readonly Question[] = [
  ["/tempo/api/echo", (context) => context.text("echo")],
  ["/tempo/api/status/buildinfo", answerBuildInfo],
  ["/tempo/api/search", answerTempoSearch],
  ["/tempo/api/search/tags", answerTagNames],
  ["/tempo/api/search/tag/:tag/values", answerTagValues],
  ["/tempo/api/v2/search/tags", answerTagNamesV2],
  ["/tempo/api/v2/search/tag/:tag/values", answerTagValuesV2],
  ["/tempo/api/traces/:trace_id", answerTempoTrace],
  ["/tempo/api/v2/traces/:trace_id", answerTempoTraceV2],
];

/**
 * Tempo's query API over the traces that are kept here: what Grafana's Tempo
 * data source asks, with `/tempo` as its URL.
 */
export function tempoRoutes(): Hono<AppEnv> {
  return readRoutes(QUESTIONS);
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
