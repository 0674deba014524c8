import { type Context, Hono } from "hono";
import type { AppEnv } from "../http/app_env.ts";
import { authenticated } from "../http/authenticated.ts";
import { answerJson } from "../query/answer_json.ts";
import { VERSION } from "../query/version.ts";
import { refuseMethod } from "../query/answer_routes.ts";
import {
  answerTagNames,
  answerTagNamesV2,
  answerTagValues,
  answerTagValuesV2,
} from "./tag_routes.ts";
import { answerTempoSearch } from "./tempo_search_route.ts";
import { answerTempoTrace, answerTempoTraceV2 } from "./tempo_trace_route.ts";

type Answer = (context: Context<AppEnv>) => Response | Promise<Response>;

const QUESTIONS: readonly (readonly [string, Answer])[] = [
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
  const routes = new Hono<AppEnv>();
  const authenticate = authenticated("read");
  for (const [path, answer] of QUESTIONS) {
    routes.get(path, authenticate, answer);
    routes.all(path, refuseMethod);
  }
  return routes;
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
