import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import { watchDrifts } from "../correlation_report/watch_drifts.ts";
import type { AppEnv } from "../http/app_env.ts";
import { bodyBytes } from "../http/body_bytes.ts";
import { boundedJson } from "../http/bounded_json.ts";
import { badRequest, HttpProblem } from "../http/http_problem.ts";
import { refuseOtherTypes } from "../http/json_type.ts";
import { driftNews } from "../live/live_news.ts";
import { tellNews } from "../live/tell_news.ts";
import { answerJson } from "../query/answer_json.ts";
import { readOrRefuse } from "../query/asked.ts";
import { askingOf } from "../query/asking.ts";
import { driftAccess } from "./drift_access.ts";
import { driftAnswer } from "./drift_answer.ts";
import { encodeDriftCursor } from "./drift_cursor.ts";
import { withId } from "./drift_id.ts";
import { MAX_DRIFT_BODY_BYTES } from "./drift_limits.ts";
import { noParameters } from "../query/parameters.ts";
import { driftListParameters } from "./drift_parameters.ts";
import { driftOperations } from "./drift_operations.ts";
import { writeDrifts } from "./drift_store.ts";
import { findDrift } from "./find_drift.ts";
import { loadDriftPage } from "./load_drift_page.ts";
import { readDrifts } from "./read_drifts.ts";

/** Drift events: told, listed, looked up. */
export function driftRoutes(): Hono<AppEnv> {
  return operationRoutes(driftOperations, {
    "GET /api/v1/drift-events": answerDrifts,
    "POST /api/v1/drift-events": takeDrifts,
    "GET /api/v1/drift-events/{id}": answerDrift,
  }, { access: { "POST /api/v1/drift-events": driftAccess() } });
}

/** `POST /api/v1/drift-events`: all of them are taken, or none. */
async function takeDrifts(context: Context<AppEnv>): Promise<Response> {
  const request = context.req.raw;
  const body = context.get("body") ??
    await bodyBytes(request, MAX_DRIFT_BODY_BYTES);
  refuseOtherTypes(request);
  const json = boundedJson(new TextDecoder().decode(body));
  if (!json.ok) {
    throw new HttpProblem(400, `Cannot read the body: ${json.problem}`);
  }
  const read = readDrifts(json.value, Date.now());
  if (!read.ok) {
    const names = [...new Set(read.problems.map((one) => one.parameter))];
    throw badRequest(
      `Cannot take the drift events, none was stored: wrong field ${
        names.join(", ")
      }; see details`,
      read.problems,
    );
  }
  const drifts = await Promise.all(read.drifts.map((told) => withId(told)));
  const { tenant } = context.get("caller");
  const created = await writeDrifts(context.env.DB, tenant, drifts);
  const isHeard = await watchDrifts(context.env, tenant, drifts);
  if (isHeard) {
    const news = driftNews(drifts.map((drift) => driftAnswer(drift)));
    context.executionCtx.waitUntil(tellNews(context.env, tenant, news));
  }
  const answer = {
    drift_events: drifts.map(({ id }) => ({ id, created: created.has(id) })),
    count: drifts.length,
    created: created.size,
  };
  return Response.json(answer, {
    status: created.size > 0 ? 201 : 200,
    headers: { "cache-control": "no-store" },
  });
}

/** `GET /api/v1/drift-events` */
async function answerDrifts(context: Context<AppEnv>): Promise<Response> {
  const asked = readOrRefuse(context, driftListParameters);
  const { drifts, last } = await loadDriftPage(askingOf(context), asked);
  return answerJson({
    drift_events: drifts.map((drift) => driftAnswer(drift)),
    count: drifts.length,
    next_cursor: last === null ? null : encodeDriftCursor(last),
  });
}

/** `GET /api/v1/drift-events/{id}` */
async function answerDrift(context: Context<AppEnv>): Promise<Response> {
  readOrRefuse(context, noParameters);
  const id = context.req.param("id") ?? "";
  const drift = await findDrift(context.env, id, askingOf(context));
  return answerJson(driftAnswer(drift));
}
