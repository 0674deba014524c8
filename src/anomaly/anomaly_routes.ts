import type { Context, Hono } from "hono";
import { operationRoutes } from "../api/operation_routes.ts";
import { encodeDriftCursor } from "../drift/drift_cursor.ts";
import { noParameters } from "../query/parameters.ts";
import type { AppEnv } from "../http/app_env.ts";
import { answerJson } from "../query/answer_json.ts";
import { readOrRefuse } from "../query/asked.ts";
import { askingOf } from "../query/asking.ts";
import { anomalyOperations } from "./anomaly_operations.ts";
import { anomalyAnswer } from "./anomaly_answer.ts";
import { anomalyListParameters } from "./anomaly_parameters.ts";
import { findAnomaly, loadAnomalyPage } from "./load_anomalies.ts";

/** Anomalies: listed, looked up. */
export function anomalyRoutes(): Hono<AppEnv> {
  return operationRoutes(anomalyOperations, {
    "GET /api/v1/anomalies": answerAnomalies,
    "GET /api/v1/anomalies/{id}": answerAnomaly,
  });
}

/** `GET /api/v1/anomalies` */
async function answerAnomalies(context: Context<AppEnv>): Promise<Response> {
  const asked = readOrRefuse(context, anomalyListParameters);
  const { anomalies, last } = await loadAnomalyPage(askingOf(context), asked);
  return answerJson({
    anomalies: anomalies.map((stored) => anomalyAnswer(stored)),
    count: anomalies.length,
    next_cursor: last === null
      ? null
      : encodeDriftCursor({ timeMs: last.startedMs, id: last.id }),
  });
}

/** `GET /api/v1/anomalies/{id}` */
async function answerAnomaly(context: Context<AppEnv>): Promise<Response> {
  readOrRefuse(context, noParameters);
  const id = context.req.param("id") ?? "";
  return answerJson(anomalyAnswer(await findAnomaly(askingOf(context), id)));
}
